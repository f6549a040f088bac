import type { Plan } from "../../plan/plan.ts";
import { loadRound, loadRoundOutcome, numbersOf, type RoundOutcome, type RunRound } from "../../record/run-rounds.ts";
import type { Store } from "../../record/store.ts";
import { decide } from "../decide.ts";
import type { RunPolicy } from "../run-policy.ts";
import { LiveRunState } from "../run-state.ts";

/** A round and, once it is over, what became of it. */
export interface PlayedRound {
  readonly round: RunRound;
  readonly outcome?: RoundOutcome;
}

/** The rounds of an execution up to the given one. @param run key of the run's folder */
export async function loadPlayedRounds(store: Store, run: string, last: RunRound): Promise<PlayedRound[]> {
  const numbers = numbersOf([[last.firstRound, last.round - last.firstRound + 1]]);
  const played = await Promise.all(
    numbers.map(async (number) => {
      const [round, outcome] = await Promise.all([loadRound(store, run, number), loadRoundOutcome(store, run, number)]);
      return round && [{ round, ...(outcome && { outcome }) }];
    }),
  );
  return played.flatMap((each) => each ?? []);
}

/**
 * The state of a run after some rounds: the one that the local loop would be in, made by the same code from what was
 * written down. Pure: the same rounds give the same state.
 */
export function replayRounds(plan: Plan, rounds: readonly PlayedRound[], policy: RunPolicy): LiveRunState {
  const first = rounds[0]?.round;
  const known = new Set(numbersOf(first?.known ?? []));
  const configurationOf = (trialIndex: number): number => plan.trials[trialIndex]?.configuration ?? -1;
  const computingMs = rounds.reduce((sum, { outcome }) => sum + 1000 * (outcome?.computingSeconds ?? 0), 0);
  const state = new LiveRunState(
    plan.trials.length,
    { finished: known, cached: new Set() },
    { configurationOf, spentBefore: { computingMs, paidMs: computingMs } },
  );
  for (const played of rounds) replayRound(state, played, { policy, begin: Date.parse(first?.at ?? "") });
  return state;
}

function replayRound(
  state: LiveRunState,
  { round, outcome }: PlayedRound,
  { policy, begin }: { readonly policy: RunPolicy; readonly begin: number },
): void {
  state.advance(Date.parse(round.at) - begin, 0);
  const dispatched = numbersOf(round.trials).map((trialIndex) => {
    const trial = state.trials[trialIndex];
    const attempt = { trialIndex, attempt: (trial?.type === "waiting" ? trial.attempts : 0) + 1 };
    state.markDispatched(attempt);
    return attempt;
  });
  if (outcome === undefined) return;
  state.advance(Date.parse(outcome.at) - begin, 0);
  const failures = new Map(outcome.failed.map(({ trial, kind, reason }) => [trial, { kind, reason }]));
  for (const attempt of dispatched) {
    const failure = failures.get(attempt.trialIndex);
    state.apply(failure === undefined ? { type: "finished", ...attempt } : { type: "failed", ...attempt, failure });
  }
  decideFailures(state, policy);
}

/** Retries what failed, or gives it up, as the local loop does after each event. */
function decideFailures(state: LiveRunState, policy: RunPolicy): void {
  const { retry, giveUp } = decide(state, policy);
  if (state.undecided.size === 0) return;
  for (const { trialIndex, notBeforeMs } of retry) state.markRetried(trialIndex, notBeforeMs);
  for (const trialIndex of giveUp) state.markGivenUp(trialIndex);
}
