import type { Plan } from "../plan/plan.ts";
import type { MeasuredWorkers } from "./worker-profile.ts";

/** What decides how many trials run side by side on this machine. */
export interface WorkerConditions {
  readonly cores: number;
  /** Cores that a trial computes on; absent = 1. */
  readonly threads?: number;
  /** Trials that are to be trained. */
  readonly trials: number;
  /** Predicted memory of a worker with the configuration that needs most. */
  readonly workerBytes: number;
  /** Memory that the machine, or the container, has left. */
  readonly availableBytes: number;
  /** What the person asked for; undefined = nothing. */
  readonly asked?: number | undefined;
  /** What was found out here about trainings of this size; undefined = nothing yet. */
  readonly measured?: MeasuredWorkers | undefined;
}

/** How many trials run side by side, and why. */
export interface WorkerChoice {
  readonly count: number;
  /** In a few words, for people. */
  readonly reason: string;
}

/** What is left for everything else on the machine. */
const usableShare = 0.9;

/**
 * As many workers as there are cores, trials and room in memory for, and as were found to be worth it; or as many as were
 * asked for. How many there are never changes what a trial gives.
 */
export function chooseWorkers(conditions: WorkerConditions): WorkerChoice {
  const { cores, threads = 1, trials, workerBytes, availableBytes, asked, measured } = conditions;
  const fitting = Math.max(1, Math.floor((usableShare * availableBytes) / workerBytes));
  const memory = `about ${gibibytes(workerBytes)} each, ${gibibytes(availableBytes)} free`;
  if (asked !== undefined) {
    const reason =
      asked > fitting ? `as asked for, but memory is for ${fitting}: ${memory}` : `as asked for; ${memory}`;
    return { count: asked, reason };
  }
  const limits: readonly WorkerChoice[] = [
    { count: Math.max(1, trials), reason: "one for each trial" },
    { count: fitting, reason: `more don't fit into memory: ${memory}` },
    ...(measured === undefined ? [] : [{ count: measured.workers, reason: describeMeasured(measured) }]),
    {
      count: Math.max(1, Math.floor(cores / threads)),
      reason: `one per ${threads === 1 ? "core" : `${threads} cores`}; ${memory}`,
    },
  ];
  return limits.reduce((least, limit) => (limit.count < least.count ? limit : least));
}

/** The predicted memory of the worker that needs most. */
export function largestWorkerBytes({ configurations }: Plan): number {
  return configurations.reduce((most, { estimate }) => Math.max(most, estimate.memoryBytes), 1);
}

/** `2 workers (one per core; about 0.3 GiB each, 17.2 GiB free)` */
export function describeWorkers({ count, reason }: WorkerChoice): string {
  return `${count} ${count === 1 ? "worker" : "workers"} side by side (${reason})`;
}

function describeMeasured({ workers, tried, gain, measuredOn }: MeasuredWorkers): string {
  const times = `${gain.toFixed(1)} times as fast as 1`;
  return tried > workers
    ? `measured here on ${measuredOn}: ${times}, and ${tried} no faster`
    : `measured here on ${measuredOn}: ${times}`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
