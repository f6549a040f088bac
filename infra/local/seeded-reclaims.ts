import { randomPurposes, randomStream } from "../../src/plan/random.ts";
import { batchLimits } from "../../src/contract/batch-limits.ts";
import type { ReclaimOf } from "./batch/reclaim.ts";

/** How often instances are taken back. */
export interface ReclaimOptions {
  readonly seed: number;
  /** Part of the attempts whose instance is taken back, 0…1. */
  readonly rate: number;
}

/** What a trainer prints when an epoch is over. */
const epochLine = /\bepoch \d+\/\d+/;
/** Two minutes at AWS; long enough to write a checkpoint on the busiest machine. */
const noticeMs = 60_000;

/**
 * Takes instances back as a seed says: which attempts it hits depends on the seed and on the place of the job in its run,
 * never on the clock. It comes when the attempt has finished an epoch, so that there is something to lose; half of
 * the instances are gone without a notice.
 */
export function seededReclaims({ seed, rate }: ReclaimOptions): ReclaimOf {
  return ({ jobName, index, attempt }) => {
    const [, round = "0", chunk = "0"] = /-r(\d+)-c(\d+)$/.exec(jobName) ?? [];
    const stream = randomStream(seed, randomPurposes.simulation, Number(round), Number(chunk));
    const position = 2 * (index * (batchLimits.maxAttempts + 1) + attempt);
    if (stream.uniformAt(position) >= rate) return undefined;
    return { after: { line: epochLine }, noticeMs: stream.uniformAt(position + 1) < 0.5 ? 0 : noticeMs };
  };
}
