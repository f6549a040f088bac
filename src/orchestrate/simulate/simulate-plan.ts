import { checkpointCadence } from "../../plan/checkpoint-cadence.ts";
import { computeBudget } from "../../plan/estimate.ts";
import { secondsByConfiguration } from "../../plan/outlook/outlook.ts";
import type { Speed } from "../../plan/outlook/speed-file.ts";
import type { Plan } from "../../plan/plan.ts";
import { simulateRun, type SimulatedRun, type SimulationRequest, type WorkItem } from "./simulate-run.ts";

/** The median of a figure over simulated runs, and the range that nine in ten lie in. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** What simulated runs of one plan came to. */
export interface Simulation {
  readonly trials: number;
  readonly runs: number;
  readonly elapsedSeconds: Spread;
  readonly computingSeconds: Spread;
  readonly paidSeconds: Spread;
  readonly usd: Spread;
  /** Part of the training time that was lost, 0…1. */
  readonly lostPart: Spread;
  readonly reclaims: Spread;
  readonly failed: Spread;
  /** Runs in which every trial ended, finished or failed. */
  readonly completeRuns: number;
  /** How many runs each rule stopped. */
  readonly stopped: Readonly<Record<string, number>>;
}

/** The trials of a plan that are not finished, with the time they take on a device. */
export function workOf(plan: Plan, finished: ReadonlySet<string>, speed: Speed): WorkItem[] {
  const seconds = secondsByConfiguration(plan, speed);
  const parts = plan.configurations.map((_, index) => checkpointPart(plan, index, seconds[index]?.likely ?? 0));
  return plan.trials.flatMap(({ id, configuration }) => {
    const range = seconds[configuration];
    if (range === undefined || finished.has(id)) return [];
    return [{ seconds: range, checkpointPart: parts[configuration] ?? Number.POSITIVE_INFINITY, configuration }];
  });
}

/** Simulates a run with as many seeds as asked for. @param seeds whole numbers, one run each */
export async function simulateRuns(request: SimulationRequest, seeds: readonly number[]): Promise<Simulation> {
  const runs: SimulatedRun[] = [];
  for (const seed of seeds) runs.push(await simulateRun(request, seed));
  const spread = (figure: (run: SimulatedRun) => number): Spread => spreadOf(runs.map(figure));
  const stopped: Record<string, number> = {};
  for (const { stop } of runs) if (stop !== undefined) stopped[stop] = (stopped[stop] ?? 0) + 1;
  return {
    trials: request.work.length,
    runs: runs.length,
    elapsedSeconds: spread(({ elapsedSeconds }) => elapsedSeconds),
    computingSeconds: spread(({ computingSeconds }) => computingSeconds),
    paidSeconds: spread(({ paidSeconds }) => paidSeconds),
    usd: spread(({ usd }) => usd),
    lostPart: spread(({ lostPart }) => lostPart),
    reclaims: spread(({ reclaims }) => reclaims),
    failed: spread(({ failed }) => failed),
    completeRuns: runs.filter(({ finished, failed }) => finished + failed === request.work.length).length,
    stopped,
  };
}

/**
 * Which part of its training a configuration is through from one checkpoint to the next.
 * @param seconds how long it takes
 */
function checkpointPart(plan: Plan, index: number, seconds: number): number {
  const configuration = plan.configurations[index];
  const training = plan.trainings[configuration?.training ?? -1];
  const data = plan.data[configuration?.data ?? -1];
  if (training === undefined || data === undefined) return Number.POSITIVE_INFINITY;
  const { stepCount, stepsPerEpoch } = computeBudget(training, data.trainCount);
  const never = Number.POSITIVE_INFINITY;
  const { everyEpochs = never, everySteps = never, everySeconds = never } = checkpointCadence(training.checkpoint);
  const bySteps = Math.min(everyEpochs * stepsPerEpoch, everySteps) / stepCount;
  return Math.min(bySteps, seconds > 0 ? everySeconds / seconds : never);
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.05), high: quantile(sorted, 0.95) };
}

/** Linear between the two nearest values. @param sorted at least one value, ascending */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  return below + (above - below) * (place - Math.floor(place));
}
