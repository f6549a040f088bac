import type { EngineChoice } from "../contract/trainer-environment.ts";
import { loadCheckpointEngine } from "../record/checkpoint-engine.ts";
import type { RunRecords } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";

/**
 * What `auto` comes to where a run goes on: the engine that wrote the checkpoints of its unfinished trials, because no other
 * may go on from them. If that is the native one it stays `auto`, which takes it where it loads.
 * @returns the choice, and a line for people if checkpoints decided it
 */
export async function engineToGoOnWith(
  store: Store,
  { trials }: Pick<RunRecords, "trials">,
  choice: EngineChoice | undefined,
): Promise<{ readonly choice: EngineChoice | undefined; readonly reason?: string }> {
  if (choice !== "auto") return { choice };
  for (const { key, state } of trials) {
    if (state.type === "pending" || state.type === "finished") continue;
    const engine = await loadCheckpointEngine(store, key);
    if (engine?.name === "wasm")
      return { choice: "wasm", reason: "Engine: wasm, which wrote the checkpoints it goes on from" };
    if (engine !== undefined) return { choice };
  }
  return { choice };
}
