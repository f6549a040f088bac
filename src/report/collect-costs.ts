import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import type { RunSession } from "../record/run-sessions.ts";
import type { RunCosts } from "./report-data.ts";

/** What the costs of a run are counted from, besides its records. */
export interface CostSources {
  /** Of the run; absent = not known. */
  readonly sessions?: readonly Pick<RunSession, "computingSeconds" | "paidSeconds" | "pricePerHour">[] | undefined;
  /** Of machine time, in USD; default: as the newest session was told, or the experiment's own `run.budget.pricePerHour`. */
  readonly pricePerHour?: number | undefined;
}

/** What a run used up, as far as its records say. Environments must have been loaded. */
export function collectCosts(
  { plan, trials }: RunRecords,
  { sessions = [], pricePerHour }: CostSources = {},
): RunCosts {
  const own = trials.filter(({ cachedFrom }) => cachedFrom === undefined);
  const takenOver = trials.filter(({ cachedFrom }) => cachedFrom !== undefined);
  const told = sessions.findLast((session) => session.pricePerHour !== undefined);
  const price = pricePerHour ?? told?.pricePerHour ?? plan.run?.budget?.pricePerHour;
  const usefulSeconds = sumSeconds(own);
  const computingSeconds = sessions.reduce((sum, session) => sum + session.computingSeconds, 0);
  // A session that goes on writes twice a minute: what is behind its results says nothing yet.
  const isKnown = sessions.length > 0 && computingSeconds >= usefulSeconds;
  return {
    usefulSeconds,
    ...(isKnown
      ? { computingSeconds, paidSeconds: sessions.reduce((sum, session) => sum + session.paidSeconds, 0) }
      : {}),
    gpuSeconds: sumSeconds(own.filter(({ environment }) => environment?.engineDetails?.["device"] === "gpu")),
    savedSeconds: sumSeconds(takenOver),
    ...(price === undefined ? {} : { pricePerHour: price }),
    attempts: trials.map(attemptsOf),
  };
}

function sumSeconds(trials: readonly TrialRecord[]): number {
  return trials.reduce((sum, { environment }) => sum + (environment?.seconds ?? 0), 0);
}

function attemptsOf({ state, environment }: TrialRecord): number {
  if (state.type === "failed") return state.failure.attempt;
  return environment?.attempt ?? (state.type === "started" ? 1 : 0);
}
