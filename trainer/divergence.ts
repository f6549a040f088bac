import type { Failure } from "../src/contract/worker-messages.ts";

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
export function describeDivergence(divergence: Divergence): Failure {
  const { loss, epoch, step, stepCount, learningRate } = divergence;
  const value = Number.isNaN(loss) ? "NaN" : "infinite";
  const smaller = Number((learningRate / 10).toPrecision(3));
  return {
    kind: "diverged",
    reason:
      `the ${divergence.of} loss became ${value} in epoch ${epoch}, at step ${step} of ${stepCount}, ` +
      `with learning rate ${learningRate}. ` +
      `Try a smaller training.optimizer.learningRate, e.g. ${smaller}, or initialisers with a smaller spread.`,
  };
}
