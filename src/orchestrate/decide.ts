import type { Failure } from "../contract/worker-messages.ts";
import type { Attempt } from "../execute/executor.ts";
import { infrastructurePauseMs, msPerHour, type RunPolicy } from "./run-policy.ts";
import type { LiveRunState, TrialHistory } from "./run-state.ts";
import type { StopReason } from "../record/run-sessions.ts";

/** What `decide` looks at; it changes nothing of it. */
export type DecidableState = Readonly<
  Pick<
    LiveRunState,
    | ("counts" | "isStopping" | "trials" | "nowMs" | "hold" | "undecided" | "overdue" | "runningSinceMs" | "givenUp")
    | ("spent" | "failuresInARow" | "nextDueMs" | "historyOf" | "nextWaiting" | "wish" | "share" | "suspended")
  >
>;

/** What to do next. While trials that failed are undecided, only these are decided: then it is to be asked again. */
export interface Decision {
  /** Trials that failed and are tried again, not before a time. */
  readonly retry: readonly { readonly trialIndex: number; readonly notBeforeMs: number }[];
  /** Trials that failed for good. */
  readonly giveUp: readonly number[];
  readonly dispatch: readonly Attempt[];
  /** Running attempts whose time is up: they are to checkpoint and end. */
  readonly interrupt: readonly Attempt[];
  /** Running attempts that are to checkpoint and end, and whose trials wait again. */
  readonly suspend: readonly Attempt[];
  /** The rule that stops the run now: what runs is to checkpoint and end. */
  readonly stop?: StopReason;
  /** Ask again after this time, even if nothing has happened. */
  readonly wakeAfterMs?: number;
  /** Nothing runs and nothing will: the run is over. */
  readonly isOver: boolean;
}

const nothing = { retry: [], giveUp: [], dispatch: [], interrupt: [], suspend: [], isOver: false } as const;
/** Budgets run out at a time that depends on how many run: asked often enough, not too often. */
const shortestWakeMs = 250;

/** What is to be done in a state of a run. Pure: no clock, randomness or I/O, and the state is not changed. */
export function decide(state: DecidableState, policy: RunPolicy): Decision {
  if (state.undecided.size > 0) return { ...nothing, ...decideFailures(state, policy) };
  const { counts } = state;
  const isNothingLeft = counts.waiting + counts.running + counts.elsewhere === 0;
  const stop = state.isStopping || isNothingLeft ? undefined : findStop(state, policy);
  if (stop !== undefined) return { ...nothing, stop, isOver: counts.running === 0 };
  const dispatch = state.isStopping ? [] : nextAttempts(state, policy);
  const interrupt = findOverdue(state, policy);
  const suspend = state.isStopping ? [] : findSurplus(state, interrupt.length);
  const isOver =
    counts.running + dispatch.length === 0 && (state.isStopping || counts.waiting + counts.elsewhere === 0);
  const wakeAfterMs = isOver ? undefined : timeToWake(state, policy, dispatch.length);
  return { ...nothing, dispatch, interrupt, suspend, isOver, ...(wakeAfterMs !== undefined && { wakeAfterMs }) };
}

/** Whether a trial is tried again in the same session. @param history its failures, the last one included */
export function isRetried({ kind }: Failure, history: TrialHistory | undefined, policy: RunPolicy): boolean {
  return (history?.failures[kind] ?? 1) <= policy.retries[kind];
}

function decideFailures(state: DecidableState, policy: RunPolicy): Pick<Decision, "retry" | "giveUp"> {
  const retry: { trialIndex: number; notBeforeMs: number }[] = [];
  const giveUp: number[] = [];
  for (const trialIndex of state.undecided) {
    const trial = state.trials[trialIndex];
    const history = state.historyOf(trialIndex);
    // What stops the whole run is not the trial's fault: it goes on with the next run.
    const isInnocent =
      trial?.type === "failed" && trial.failure.kind === "infrastructure" && isHoldTooLong(state, policy);
    if (trial?.type !== "failed" || !(isInnocent || isRetried(trial.failure, history, policy))) giveUp.push(trialIndex);
    else retry.push({ trialIndex, notBeforeMs: state.nowMs + pauseOf(trial.failure, history, trialIndex) });
  }
  return { retry, giveUp };
}

function pauseOf({ kind }: Failure, history: TrialHistory | undefined, trialIndex: number): number {
  return kind === "infrastructure" ? infrastructurePauseMs(history?.failures.infrastructure ?? 1, trialIndex) : 0;
}

function nextAttempts(state: DecidableState, policy: RunPolicy): Attempt[] {
  const free = Math.max(0, slotsOf(state, policy) - state.counts.running);
  return state.nextWaiting(Math.min(free, allowedByHold(state))).map((trialIndex) => {
    const trial = state.trials[trialIndex];
    return { trialIndex, attempt: (trial?.type === "waiting" ? trial.attempts : 0) + 1 };
  });
}

/**
 * How many attempts may run side by side: what people ask of the run goes before what it was started with, and runs of
 * higher priority before both.
 */
function slotsOf(state: DecidableState, { slots }: RunPolicy): number {
  return Math.min(state.wish.workers ?? slots, mostWanted(state));
}

/** The most attempts that others let run side by side: people, and runs of higher priority. */
function mostWanted({ wish, share }: DecidableState): number {
  if (wish.state === "paused") return 0;
  return Math.min(wish.workers ?? Number.POSITIVE_INFINITY, share?.slots ?? Number.POSITIVE_INFINITY);
}

/** The attempts that began last of those that are more than others let run. @param leaving how many end now anyway */
function findSurplus(state: DecidableState, leaving: number): Attempt[] {
  const { counts, suspended, overdue, runningSinceMs } = state;
  const surplus = counts.running - suspended.size - overdue.size - leaving - mostWanted(state);
  if (surplus <= 0) return [];
  const staying = state.trials.flatMap((trial, trialIndex) =>
    trial.type === "running" && !suspended.has(trialIndex) && !overdue.has(trialIndex)
      ? [{ trialIndex, attempt: trial.attempt }]
      : [],
  );
  const beganMs = ({ trialIndex }: Attempt): number => runningSinceMs.get(trialIndex) ?? Number.POSITIVE_INFINITY;
  return staying.sort((a, b) => beganMs(b) - beganMs(a) || b.trialIndex - a.trialIndex).slice(0, surplus);
}

/**
 * How many attempts may start. While store, disk or network fail, nothing starts during the pause, and then one
 * attempt alone finds out whether they are there again: thousands would only fail.
 */
function allowedByHold(state: DecidableState): number {
  if (!state.hold.isShut) return Number.POSITIVE_INFINITY;
  return state.nowMs >= holdEndMs(state) && state.counts.running === 0 ? 1 : 0;
}

function holdEndMs({ hold }: DecidableState): number {
  return hold.sinceMs + infrastructurePauseMs(hold.tries, 0);
}

function isHoldTooLong({ hold }: DecidableState, { retries }: RunPolicy): boolean {
  return hold.tries > retries.infrastructure;
}

function findOverdue(state: DecidableState, { trialTimeLimitMs }: RunPolicy): Attempt[] {
  const found: Attempt[] = [];
  if (trialTimeLimitMs === undefined) return found;
  for (const [trialIndex, sinceMs] of state.runningSinceMs) {
    // The oldest come first.
    if (state.nowMs < sinceMs + trialTimeLimitMs) break;
    const trial = state.trials[trialIndex];
    if (trial?.type === "running" && !isLeaving(state, trialIndex)) found.push({ trialIndex, attempt: trial.attempt });
  }
  return found;
}

/** Whether a running attempt was told to checkpoint and end. */
function isLeaving({ overdue, suspended }: DecidableState, trialIndex: number): boolean {
  return overdue.has(trialIndex) || suspended.has(trialIndex);
}

function findStop(state: DecidableState, policy: RunPolicy): StopReason | undefined {
  const { maxFailures, identicalFailures, runTimeLimitMs, budgetMs, budgetUsd } = policy;
  const { givenUp, failuresInARow, hold, nowMs, spent, wish } = state;
  if (wish.state === "cancelled") return { rule: "cancelled" };
  if (maxFailures !== undefined && givenUp >= maxFailures)
    return { rule: "maxFailures", failures: givenUp, limit: maxFailures };
  if (identicalFailures !== undefined && failuresInARow !== undefined && failuresInARow.count >= identicalFailures)
    return { rule: "identicalFailures", failures: failuresInARow.count, failure: failuresInARow.failure };
  if (hold.failure !== undefined && isHoldTooLong(state, policy))
    return { rule: "infrastructure", tries: hold.tries, failure: hold.failure };
  if (runTimeLimitMs !== undefined && nowMs >= runTimeLimitMs)
    return { rule: "runTimeLimit", limitSeconds: runTimeLimitMs / 1000 };
  if (budgetMs !== undefined && spent.computingMs >= budgetMs)
    return { rule: "budgetHours", hours: spent.computingMs / msPerHour, limit: budgetMs / msPerHour };
  const usd = costOf(spent.paidMs, policy);
  if (budgetUsd !== undefined && usd >= budgetUsd) return { rule: "budgetUsd", usd, limit: budgetUsd };
  return undefined;
}

/** What paid time costs. */
export function costOf(paidMs: number, { pricePerHour }: Pick<RunPolicy, "pricePerHour">): number {
  return (paidMs / msPerHour) * pricePerHour;
}

/** The time until something is to be decided though nothing happens; undefined = never. */
function timeToWake(state: DecidableState, policy: RunPolicy, dispatched: number): number | undefined {
  const { nowMs, spent, counts } = state;
  const { trialTimeLimitMs, runTimeLimitMs, budgetMs, budgetUsd, pricePerHour } = policy;
  const times: number[] = [];
  if (!state.isStopping) {
    const slots = slotsOf(state, policy);
    const free = slots - counts.running - dispatched;
    if (state.hold.isShut) {
      // When the pause is over and nothing can start (others train what is left), only a trial that falls due counts.
      const nextMs = holdEndMs(state) > nowMs ? holdEndMs(state) : state.nextDueMs;
      if (counts.running + dispatched === 0 && slots > 0 && nextMs !== undefined) times.push(nextMs - nowMs);
    } else if (state.nextDueMs !== undefined && free > 0) times.push(state.nextDueMs - nowMs);
    if (runTimeLimitMs !== undefined) times.push(runTimeLimitMs - nowMs);
    if (budgetMs !== undefined)
      times.push(Math.max(shortestWakeMs, (budgetMs - spent.computingMs) / Math.max(1, counts.running + dispatched)));
    if (budgetUsd !== undefined && pricePerHour > 0) {
      const left = ((budgetUsd - costOf(spent.paidMs, policy)) / pricePerHour) * msPerHour;
      times.push(Math.max(shortestWakeMs, left / Math.max(1, slots)));
    }
  }
  if (trialTimeLimitMs !== undefined) times.push(...timesToLimits(state, trialTimeLimitMs));
  return times.length === 0 ? undefined : Math.max(1, Math.min(...times));
}

/** The time until the oldest attempt that was not told to end yet reaches its limit: none or one. */
function timesToLimits(state: DecidableState, limitMs: number): number[] {
  for (const [trialIndex, sinceMs] of state.runningSinceMs)
    if (!isLeaving(state, trialIndex)) return [sinceMs + limitMs - state.nowMs];
  return [];
}
