import type { Plan } from "../../../src/plan/plan.ts";
import { planOf } from "../../plan/experiment-of.ts";

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
