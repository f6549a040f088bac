import { computeBudget } from "../src/plan/estimate.ts";
import { warmupStepsOf } from "../src/plan/learning-rate.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import type { EpochMetrics } from "../src/record/trial-record.ts";
import type { Monitor } from "../src/spec/schema/monitor.ts";
import { watchForStop } from "./early-stopping.ts";
import { isImprovement, monitored } from "./monitored.ts";
import { watchPlateau } from "./plateau.ts";
import type { TrainingState } from "./training-state.ts";

/** What an epoch's figures mean for what comes next. */
export interface EpochVerdict {
  /** The best epoch so far, by whatever chooses it. */
  readonly isBest: boolean;
  /** Its weights are the ones to save if nothing better comes. */
  readonly keepsWeights: boolean;
}

/** Notes in the state what an epoch's figures mean for the best weights, early stopping and the learning rate. */
export function watchEpoch(trial: ResolvedTrial, state: TrainingState, metrics: EpochMetrics): EpochVerdict {
  const { keepBest, earlyStopping } = trial.training;
  const isKept = keepBest !== undefined && isBestSoFar(keepBest, state, metrics);
  if (isKept) state.best = { epoch: metrics.epoch };
  if (earlyStopping !== undefined) state.earlyStopping = watchForStop(earlyStopping, state.earlyStopping, metrics);
  watchLearningRate(trial, state, metrics);
  const isBestForStopping = state.earlyStopping?.bestEpoch === metrics.epoch;
  return {
    isBest: keepBest === undefined ? isBestForStopping : isKept,
    keepsWeights: isKept || (earlyStopping?.restoreBest === true && isBestForStopping),
  };
}

/** Of equals, the first epoch stays the best. */
function isBestSoFar(monitor: Monitor, { best, metrics: lines }: TrainingState, metrics: EpochMetrics): boolean {
  const before = epochMetricsOf(lines, best?.epoch);
  return isImprovement(monitor, monitored(metrics, monitor), before && monitored(before, monitor));
}

/** A plateau can't be seen while the learning rate still warms up. */
function watchLearningRate({ training, data }: ResolvedTrial, state: TrainingState, metrics: EpochMetrics): void {
  const { learningRateSchedule: schedule, optimizer } = training;
  if (schedule.type !== "reduceOnPlateau") return;
  const { stepsPerEpoch } = computeBudget(training, data.trainCount);
  if (metrics.step <= warmupStepsOf(schedule, stepsPerEpoch)) return;
  const before = state.plateau ?? { rate: optimizer.learningRate, wait: 0, cooldown: 0 };
  state.plateau = watchPlateau(schedule, before, metrics);
}

/** The epoch (from 1) whose weights are tested and saved. */
export function chosenEpoch({ training }: ResolvedTrial, state: TrainingState): number {
  if (training.earlyStopping?.restoreBest === true) return state.earlyStopping?.bestEpoch ?? state.epoch;
  return state.best?.epoch ?? state.epoch;
}

/** Optimizer steps done after the best epoch so far, by whatever chooses it; undefined before there is one. */
export function bestStep(state: TrainingState): number | undefined {
  return epochMetricsOf(state.metrics, state.best?.epoch ?? state.earlyStopping?.bestEpoch)?.step;
}

/** The line of an epoch (from 1), if there is one. */
export function epochMetricsOf(lines: TrainingState["metrics"], epoch: number | undefined): EpochMetrics | undefined {
  return lines.filter((line) => line.kind === "epoch").find((line) => line.epoch === epoch);
}
