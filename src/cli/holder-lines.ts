import type { ClaimDocument } from "../record/claim-document.ts";
import { isProcessDead } from "../record/process-space.ts";

/** Who trains a trial, as `status` shows it. */
export interface ShownHolder {
  readonly experiment: string;
  readonly runId: string;
  readonly host: string;
  readonly pid: number;
  /** By the holder's clock: ISO 8601, UTC. */
  readonly since: string;
  readonly lastSign: string;
  /**
   * `dead`: its process is gone for certain. `silent`: by its clock and this one, the last sign of life is too old;
   * whether that is true only somebody who watches it can tell.
   */
  readonly condition: "alive" | "silent" | "dead";
}

/** What is known of a claim's holder. @param expiryMs how old a sign of life may be */
export function describeClaim({ holder }: ClaimDocument, now: Date, expiryMs: number): ShownHolder {
  const { experiment, runId, host, pid, since, lastSign } = holder;
  const isSilent = now.getTime() - Date.parse(lastSign) > expiryMs;
  const condition = isProcessDead(holder) ? "dead" : isSilent ? "silent" : "alive";
  return { experiment, runId, host, pid, since, lastSign, condition };
}

/** `held by run 2026…-k7qd on host lab-3, process 4711, since 10:15:30Z (its clock)` */
export function renderHolder({ runId, host, pid, since, lastSign, condition }: ShownHolder): string {
  const who = `held by run ${runId} on host ${host}, process ${pid}, since ${since} (its clock)`;
  switch (condition) {
    case "alive":
      return who;
    case "silent":
      return `${who}; STALE: no sign of life since ${lastSign}, the next run watches it and takes it over`;
    case "dead":
      return `${who}; STALE: that process has died, the next run takes it over`;
    default:
      throw new Error(`unknown condition ${JSON.stringify(condition satisfies never)}`);
  }
}
