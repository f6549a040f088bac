import type { FailureKind } from "../contract/worker-messages.ts";
import { randomStream } from "../plan/random.ts";
import { durationSeconds } from "../spec/schema/duration.ts";
import type { RunRules } from "../spec/schema/run.ts";

/** The rules of a run, in the numbers that `decide` works with. Absent = no such rule. */
export interface RunPolicy {
  /** Attempts that may run or wait in the executor side by side. */
  readonly slots: number;
  /** How often a trial is tried again after failures of each kind. */
  readonly retries: Readonly<Record<FailureKind, number>>;
  /** The run stops when so many trials have failed for good. */
  readonly maxFailures?: number;
  /** The run stops when so many trials in a row have failed for good in the same way. */
  readonly identicalFailures?: number;
  /** Longest time of one attempt. */
  readonly trialTimeLimitMs?: number;
  /** Longest time since this session of the run began. */
  readonly runTimeLimitMs?: number;
  /** Computing time of all attempts of the run, earlier sessions included. */
  readonly budgetMs?: number;
  /** Cost of the run, earlier sessions included. */
  readonly budgetUsd?: number;
  /** What an hour of a machine costs. */
  readonly pricePerHour: number;
}

/**
 * A wrong experiment or a diverged loss fails the same way again; a killed process may well succeed. Memory may have been
 * short because of what else was in the process: a new one shows.
 */
export const defaultRetries: RunPolicy["retries"] = {
  user: 0,
  diverged: 0,
  memory: 1,
  killed: 3,
  infrastructure: 8,
  timeLimit: 0,
  bug: 1,
};

const defaultIdenticalFailures = 5;

/** What a command line says about a run, on top of the experiment's `run:` section. */
export interface PolicyFlags {
  /** Stop at the first trial that fails for good. */
  readonly failFast?: boolean | undefined;
  /** However many trials fail, go on with the others. */
  readonly keepGoing?: boolean | undefined;
  readonly pricePerHour?: number | undefined;
}

/**
 * The policy of a run.
 * @param slots attempts that may run side by side; a function if that changes while the run goes on
 */
export function policyOf(rules: RunRules = {}, slots: number | (() => number), flags: PolicyFlags = {}): RunPolicy {
  const { trialTimeLimit, runTimeLimit, budget } = rules;
  const maxFailures = flags.failFast === true ? 1 : rules.maxFailures;
  const identicalFailures = rules.identicalFailures ?? defaultIdenticalFailures;
  return {
    get slots() {
      return typeof slots === "number" ? slots : slots();
    },
    retries: { ...defaultRetries, ...definedOf(rules.retries ?? {}) },
    ...(flags.keepGoing === true ? {} : { identicalFailures, ...(maxFailures !== undefined && { maxFailures }) }),
    ...(trialTimeLimit !== undefined && { trialTimeLimitMs: 1000 * durationSeconds(trialTimeLimit) }),
    ...(runTimeLimit !== undefined && { runTimeLimitMs: 1000 * durationSeconds(runTimeLimit) }),
    ...(budget?.hours !== undefined && { budgetMs: msPerHour * budget.hours }),
    ...(budget?.usd !== undefined && { budgetUsd: budget.usd }),
    pricePerHour: flags.pricePerHour ?? budget?.pricePerHour ?? 0,
  };
}

/** Milliseconds of an hour. */
export const msPerHour = 3_600_000;

const firstPauseMs = 1000;
const longestPauseMs = 5 * 60 * 1000;

/**
 * The pause before something that failed because of store, disk or network is tried again: 1, 2, 4 … seconds, at most
 * 5 minutes, and up to half as long again, different for each trial so that they don't all come back at once.
 * @param count failures so far, from 1
 */
export function infrastructurePauseMs(count: number, trialIndex: number): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(count - 1, 30));
  return Math.round(pause * (1 + randomStream(trialIndex, count).uniformAt(0) / 2));
}

function definedOf(retries: NonNullable<RunRules["retries"]>): Partial<Record<FailureKind, number>> {
  return Object.fromEntries(Object.entries(retries).filter(([, count]) => count !== undefined));
}
