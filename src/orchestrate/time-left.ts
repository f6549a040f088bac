import type { Plan } from "../plan/plan.ts";
import type { TrialState } from "./run-state.ts";

/** The work of a run in multiply-adds: how much is done, and how much was there when this session began. */
export interface WorkMeter {
  /** Multiply-adds that are done, of all trials. */
  readonly doneWork: number;
  readonly totalWork: number;
}

/** How much of a plan's work is done. Failed trials count as done: nothing more is spent on them. */
export function measureWork(plan: Plan, trials: readonly TrialState[]): WorkMeter {
  let doneWork = 0;
  let totalWork = 0;
  plan.trials.forEach((trial, index) => {
    const work = plan.configurations[trial.configuration]?.estimate.trainingMultiplyAdds ?? 0;
    totalWork += work;
    doneWork += work * doneFraction(trials[index]);
  });
  return { doneWork, totalWork };
}

function doneFraction(state: TrialState | undefined): number {
  switch (state?.type) {
    case "finished":
    case "cached":
    case "failed":
      return 1;
    case "running":
      return state.progress === undefined ? 0 : state.progress.step / Math.max(1, state.progress.stepCount);
    default:
      return 0;
  }
}

/**
 * Seconds until the rest is done if it goes on as fast as since `begin`.
 * @returns undefined while too little is done to tell
 */
export function secondsLeft(begin: WorkMeter, now: WorkMeter, elapsedSeconds: number): number | undefined {
  const done = now.doneWork - begin.doneWork;
  if (done <= 0 || elapsedSeconds < 2) return undefined;
  return ((now.totalWork - now.doneWork) / done) * elapsedSeconds;
}
