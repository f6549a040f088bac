import type { Store } from "./store.ts";
import { loadLatestState } from "./checkpoint-store.ts";

/** What computed up to a checkpoint. Only the same goes on to the same bytes: others round differently. */
export interface CheckpointEngine {
  readonly name: string;
  readonly version: string;
  /** Within an operation. */
  readonly threads: number;
}

/** What wrote the newest checkpoint of a trial; undefined = there is none, or it does not say. */
export async function loadCheckpointEngine(store: Store, trialKey: string): Promise<CheckpointEngine | undefined> {
  const state = await loadLatestState(store, trialKey);
  if (typeof state !== "object" || state === null || !("engine" in state)) return undefined;
  return isCheckpointEngine(state.engine) ? state.engine : undefined;
}

/** `tensorflow 2.21.0 with 1 thread` */
export function describeCheckpointEngine({ name, version, threads }: CheckpointEngine): string {
  return `${name} ${version} with ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

function isCheckpointEngine(value: unknown): value is CheckpointEngine {
  if (typeof value !== "object" || value === null || !("name" in value) || !("version" in value)) return false;
  const { name, version } = value;
  return typeof name === "string" && typeof version === "string" && "threads" in value;
}
