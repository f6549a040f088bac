import { changeControl, loadControl, type ControlDocument } from "../record/run-control.ts";
import type { Store } from "../record/store.ts";
import type { OpenedRun } from "./open-run.ts";

/** A run that somebody has cancelled doesn't go on by itself. */
export class RunCancelledError extends Error {
  override readonly name = "RunCancelledError";

  constructor(
    readonly runId: string,
    /** ISO 8601, UTC. */
    readonly cancelledAt: string,
  ) {
    super(`run ${runId} was cancelled at ${cancelledAt}`);
  }
}

/** Who takes up a run. */
export interface TakeUp {
  /** Whether a run that was paused or cancelled goes on. */
  readonly isResumed?: boolean | undefined;
  readonly now: () => Date;
}

/**
 * What people ask of a run that is about to go on; if it is resumed, nothing keeps it from that any more.
 * @throws RunCancelledError if it was cancelled and is not resumed
 */
export async function takeUpRun(
  store: Store,
  run: Pick<OpenedRun, "runId" | "key">,
  { isResumed = false, now }: TakeUp,
): Promise<ControlDocument | undefined> {
  const control = await loadControl(store, run.key);
  if (control === undefined || control.state === "running") return control;
  if (isResumed) return (await changeControl(store, run.key, { state: "running" }, now())).after;
  if (control.state === "cancelled") throw new RunCancelledError(run.runId, control.changedAt);
  return control;
}
