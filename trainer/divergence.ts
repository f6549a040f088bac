import type { Failure } from "../src/contract/worker-messages.ts";
import type { Training } from "../src/spec/schema/training.ts";

/** Where a loss was found not to be a number. */
export interface Divergence {
  /** Which loss: of training, validation or test examples. */
  readonly of: "training" | "validation" | "test";
  /** NaN or ±Infinity. */
  readonly loss: number;
  /** From 1. */
  readonly epoch: number;
  /** Optimizer steps done, the one that showed it included. */
  readonly step: number;
  readonly stepCount: number;
  /** Learning rate of that step. */
  readonly learningRate: number;
}

/** Tells a person what happened and what to try. */
export function describeDivergence(divergence: Divergence, training: Training): Failure {
  const { loss, epoch, step, stepCount, learningRate } = divergence;
  const value = Number.isNaN(loss) ? "NaN" : "infinite";
  return {
    kind: "diverged",
    reason:
      `the ${divergence.of} loss became ${value} in epoch ${epoch}, at step ${step} of ${stepCount}, ` +
      `with learning rate ${learningRate}. ` +
      `Try ${suggestions(training, learningRate).join(", or ")}. ` +
      `(loss ${training.loss.type}, optimizer ${training.optimizer.type})`,
  };
}

/** What makes a training of this kind calmer, the likeliest first. */
function suggestions(training: Training, learningRate: number): readonly string[] {
  const { optimizer, learningRateSchedule: schedule, gradientClipping, loss } = training;
  const smaller = Number((learningRate / 10).toPrecision(3));
  const field = schedule.type === "list" ? "learningRateSchedule.values" : "optimizer.learningRate";
  const divides = optimizer.type !== "sgd" && optimizer.epsilon < 1e-5;
  return [
    `a smaller training.${field}${learningRate > 0 ? `, e.g. ${smaller}` : ""}`,
    "initialisers with a smaller spread",
    ...(gradientClipping === undefined ? ["`training.gradientClipping: {globalNorm: 1}`"] : []),
    ...("momentum" in optimizer && optimizer.momentum > 0.9 ? ["less momentum"] : []),
    ...(divides ? ["a larger training.optimizer.epsilon, e.g. 1e-4"] : []),
    ...(loss.allowSoftmaxOutput ? ["a loss without `allowSoftmaxOutput`"] : []),
  ];
}
