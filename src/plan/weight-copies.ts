import type { Optimizer, Training } from "../spec/schema/training.ts";

/**
 * How many numbers a worker holds for each weight: the weight, its gradient and a temporary of the update; the
 * optimizer's slots; one more for clipped gradients, for the average of `ema` and for the best weights so far.
 */
export function countWeightCopies(training: Training): number {
  return 2 + countStoredCopies(training) + (training.gradientClipping === undefined ? 0 : 1);
}

/** How many numbers a checkpoint holds for each weight: the weight, the optimizer's slots, its average, its best value. */
export function countStoredCopies(training: Training): number {
  const extras = [training.ema !== undefined, keepsBest(training)];
  return 1 + countSlots(training.optimizer) + extras.filter(Boolean).length;
}

/** How many numbers a worker holds for each weight that gradients don't change: the weight, and the best one so far. */
export function countFixedWeightCopies(training: Training): number {
  return 1 + (keepsBest(training) ? 1 : 0);
}

function keepsBest({ keepBest, earlyStopping }: Training): boolean {
  return keepBest !== undefined || earlyStopping?.restoreBest === true;
}

/** How many numbers an optimizer remembers for each weight. */
export function countSlots(optimizer: Optimizer): number {
  switch (optimizer.type) {
    case "sgd":
      return optimizer.momentum > 0 ? 1 : 0;
    case "adam":
    case "adamw":
      return optimizer.amsgrad === true ? 3 : 2;
    case "rmsprop":
      return 1 + (optimizer.momentum > 0 ? 1 : 0) + (optimizer.centered ? 1 : 0);
    case "adagrad":
      return 1;
    default:
      return optimizer satisfies never;
  }
}
