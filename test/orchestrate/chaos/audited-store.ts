import { MemoryStore } from "../../../src/record/memory-store.ts";
import type { Store } from "../../../src/record/store.ts";
import { StoreError } from "../../../src/record/store-error.ts";
import type { Chance } from "../../../src/orchestrate/simulate/chance.ts";
import type { VirtualTime } from "../../../src/orchestrate/simulate/virtual-time.ts";
import { pass, type Life } from "./process-life.ts";

const meanLatencyMs = 20;
const meanLateMs = 20_000;

/** A memory store that remembers how often what may be written once was written. */
export class AuditedStore extends MemoryStore {
  /** Successful writes and deletions of ledger entries and results, by key. */
  readonly writes = new Map<string, number>();
  private readonly shards = new Map<string, Set<string>>();

  override async put(key: string, bytes: Uint8Array): Promise<void> {
    this.note(key);
    await super.put(key, bytes);
  }

  override async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const isWritten = await super.putIfAbsent(key, bytes);
    if (isWritten) this.note(key);
    return isWritten;
  }

  override async putIfMatch(key: string, bytes: Uint8Array, version: string): Promise<boolean> {
    const isWritten = await super.putIfMatch(key, bytes, version);
    if (isWritten) this.note(key);
    return isWritten;
  }

  /** A trial's own keys are found without looking at all others. */
  override async list(prefix: string): Promise<string[]> {
    const shard = shardOf(prefix);
    if (shard === undefined) return super.list(prefix);
    return [...(this.shards.get(shard) ?? [])].filter((key) => key.startsWith(prefix)).sort();
  }

  override async delete(key: string): Promise<void> {
    this.note(key);
    this.shards.get(shardOf(key) ?? "")?.delete(key);
    await super.delete(key);
  }

  private note(key: string): void {
    const shard = shardOf(key);
    if (shard !== undefined) this.shards.set(shard, (this.shards.get(shard) ?? new Set()).add(key));
    if (key.startsWith("trials/") || key.endsWith("/result.json"))
      this.writes.set(key, (this.writes.get(key) ?? 0) + 1);
  }
}

/** How bad a store is. */
export interface StoreTroubles {
  /** Probability that a call fails: before, after or long before its effect. */
  readonly errors: number;
  /** Probability that the process stalls between its decision to call and the call's effect. */
  readonly stalls: number;
  readonly meanStallMs: number;
}

/** How a store looks from one process: slow, failing at random, and gone with the process. */
export function viewOf(
  store: Store,
  parts: {
    readonly time: VirtualTime;
    readonly chance: Chance;
    readonly life: Life;
    readonly troubles: StoreTroubles;
  },
): Store {
  const { time, chance, life, troubles } = parts;
  const through = async <Outcome>(key: string, act: () => Promise<Outcome>): Promise<Outcome> => {
    if (chance.happens(troubles.stalls)) life.stalledUntilMs = time.nowMs() + chance.waitFor(troubles.meanStallMs);
    await pass(time, life, chance.waitFor(meanLatencyMs));
    if (!chance.happens(troubles.errors)) return act();
    const effect = chance.below(3);
    if (effect === 1) await act();
    // The request is still on its way when its sender has given up.
    if (effect === 2) time.after(chance.waitFor(meanLateMs), () => void act());
    throw failure(key);
  };
  return {
    location: store.location,
    get: (key) => through(key, () => store.get(key)),
    put: (key, bytes) => through(key, () => store.put(key, bytes)),
    putIfAbsent: (key, bytes) => through(key, () => store.putIfAbsent(key, bytes)),
    getVersioned: (key) => through(key, () => store.getVersioned(key)),
    putIfMatch: (key, bytes, version) => through(key, () => store.putIfMatch(key, bytes, version)),
    sha256: (key) => through(key, () => store.sha256(key)),
    list: (prefix) => through(prefix, () => store.list(prefix)),
    listSizes: (prefix) => through(prefix, () => store.listSizes(prefix)),
    listFolders: (prefix) => through(prefix, () => store.listFolders(prefix)),
    delete: (key) => through(key, () => store.delete(key)),
  };
}

function failure(key: string): StoreError {
  return new StoreError(key, { problem: `can't reach ${key}`, fix: "wait" });
}

/** The trial's folder that a key lies in, if it lies in one. */
function shardOf(key: string): string | undefined {
  return /^experiments\/[^/]+\/runs\/[^/]+\/trials\/[^/]+\//.exec(key)?.[0];
}
