import type { Plan } from "../../../src/plan/plan.ts";
import { planOf } from "../../plan/experiment-of.ts";
import type { Troubles } from "./chaotic-executor.ts";
import type { ChaosOptions } from "./run-in-chaos.ts";

/** A plan of learning rates × batch sizes × seeds. */
export function gridPlan(rates: number, batchSizes: number, seeds: number): Plan {
  const numbers = (count: number, scale: number) => Array.from({ length: count }, (_, index) => (index + 1) * scale);
  return planOf({
    sweep: {
      grid: {
        "training.optimizer.learningRate": numbers(rates, 1 / 1024),
        "training.batchSize": numbers(batchSizes, 8),
      },
      seeds,
      maxTrials: 100_000,
    },
  });
}

/** Each attempt loses its worker with 1 in 5; each of its dozens of calls of the store may fail or stall. */
export const troubles: Troubles = {
  loss: 0.2,
  duplicate: 0.1,
  delayMs: 500,
  storeErrors: 0.01,
  storeStalls: 0.003,
  orchestratorStalls: 0.003,
};

/** 4 trials on 3 workers, for one experiment or two that share them, with orchestrators that die or don't. */
export function tinySweep(seed: number): ChaosOptions {
  const experiments = seed % 2 === 0 ? ["one"] : ["one", "other"];
  const deaths = seed % 3 === 0 ? {} : { crashAfterMs: 60_000 };
  return { plan: gridPlan(2, 2, 1), workers: 3, seed, troubles, experiments, ...deaths };
}
