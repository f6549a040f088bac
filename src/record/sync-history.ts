import { objectKeys } from "../contract/object-keys.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import type { Store } from "./store.ts";

/** What copying the history of a benchmark came to. */
export interface SyncedHistory {
  readonly experiment: string;
  /** Nights and acknowledgements that were copied. */
  readonly copied: number;
  /** Those that were there already. */
  readonly skipped: number;
}

/** Names of the benchmarks that have a history, also of those whose runs are gone. */
export function listHistories(store: Store): Promise<string[]> {
  return store.listFolders("history/");
}

/**
 * Copies the nights of a benchmark to another store, with what was acknowledged of them. A night that says something
 * else there is replaced: its run may have gone on since it was copied.
 * @param runIds only of these runs; absent = of all
 */
export async function syncHistory(
  { from, to }: { readonly from: Store; readonly to: Store },
  experiment: string,
  runIds?: readonly string[],
): Promise<SyncedHistory> {
  const all = await from.list(`${objectKeys.history(experiment)}/`);
  const keys = runIds === undefined ? all : all.filter((key) => runIds.some((runId) => key.endsWith(`-${runId}.json`)));
  const changed = await mapConcurrently(keys, async (key) => {
    const [wanted, there] = await Promise.all([from.sha256(key), to.sha256(key)]);
    const bytes = wanted === there ? undefined : await from.get(key);
    if (bytes !== undefined) await to.put(key, bytes);
    return bytes !== undefined;
  });
  const copied = changed.filter(Boolean).length;
  return { experiment, copied, skipped: keys.length - copied };
}
