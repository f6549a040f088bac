import type { TrialRecord } from "../../record/run-records.ts";
import type { EpochMetrics } from "../../record/trial-record.ts";

/** An epoch with the time at which it ended. */
export interface TimedEpoch {
  readonly line: EpochMetrics;
  /** Milliseconds since 1970. */
  readonly endedAtMs: number;
}

/** The epochs of a trial in time. */
export interface TimedEpochs {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly lines: readonly TimedEpoch[];
}

/**
 * The epochs of a trial, each with the time at which it ended: records keep durations, so these are added up from the
 * trial's start. Where durations are unknown, all epochs end at the start; order then is by epoch alone. The same record
 * gives the same times, always.
 * @param record with metrics, timings and environment
 * @param defaultStartMs when it started, if its environment doesn't say: it hasn't ended, or failed
 */
export function epochsOfTrial({ metrics, timings, environment }: TrialRecord, defaultStartMs: number): TimedEpochs {
  const startedAtMs = environment === undefined ? defaultStartMs : Date.parse(firstStart(environment));
  const seconds = new Map(timings.map((timing) => [timing.epoch, timing.seconds]));
  // A resumed trial may have written an epoch twice: the last line counts.
  const byEpoch = new Map<number, EpochMetrics>();
  for (const line of metrics) if (line.kind === "epoch") byEpoch.set(line.epoch, line);
  let passed = startedAtMs;
  const lines = [...byEpoch.values()].map((line) => {
    passed += Math.round(1000 * (seconds.get(line.epoch) ?? 0));
    return { line, endedAtMs: passed };
  });
  const endedAtMs = environment === undefined ? passed : Math.max(passed, Date.parse(environment.finishedAt));
  return { startedAtMs, endedAtMs, lines };
}

function firstStart({ startedAt, attempts }: NonNullable<TrialRecord["environment"]>): string {
  return attempts?.[0]?.startedAt ?? startedAt;
}
