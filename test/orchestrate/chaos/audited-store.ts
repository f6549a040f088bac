import { MemoryStore } from "../../../src/record/memory-store.ts";
import type { Store } from "../../../src/record/store.ts";
import { StoreError } from "../../../src/record/store-error.ts";
import type { Chance } from "../../../src/orchestrate/simulate/chance.ts";
import type { VirtualTime } from "../../../src/orchestrate/simulate/virtual-time.ts";

/** A process of a simulation: what it does after its end never happens, and while it is stalled it waits. */
export interface Life {
  isOver: boolean;
  stalledUntilMs: number;
}

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

/** How a store looks from one process: slow, failing at random (before or after the deed), and gone with the process. */
export function viewOf(
  store: Store,
  parts: {
    readonly time: VirtualTime;
    readonly chance: Chance;
    readonly life: Life;
    readonly errorRate: number;
    /** Whether time passes before writes to a trial's record: between looking whether it is finished and writing. */
    readonly isPutLate: boolean;
  },
): Store {
  const { time, chance, life, errorRate, isPutLate } = parts;
  const meanLatencyMs = 20;
  const through = async <Outcome>(key: string, act: () => Promise<Outcome>, isLate = true): Promise<Outcome> => {
    if (isLate) await pass(time, life, chance.waitFor(meanLatencyMs));
    const fails = chance.happens(errorRate);
    if (fails && chance.happens(0.5)) throw failure(key);
    const outcome = await act();
    if (fails) throw failure(key);
    return outcome;
  };
  return {
    location: store.location,
    get: (key) => through(key, () => store.get(key)),
    put: (key, bytes) => through(key, () => store.put(key, bytes), isPutLate),
    putIfAbsent: (key, bytes) =>
      through(key, () => store.putIfAbsent(key, bytes), isPutLate || key.startsWith("trials/")),
    getVersioned: (key) => through(key, () => store.getVersioned(key)),
    putIfMatch: (key, bytes, version) => through(key, () => store.putIfMatch(key, bytes, version)),
    sha256: (key) => through(key, () => store.sha256(key)),
    list: (prefix) => through(prefix, () => store.list(prefix)),
    listSizes: (prefix) => through(prefix, () => store.listSizes(prefix)),
    listFolders: (prefix) => through(prefix, () => store.listFolders(prefix)),
    delete: (key) => through(key, () => store.delete(key)),
  };
}

/** Lets time pass for a process; never resolves if the process ends meanwhile. */
export async function pass(time: VirtualTime, life: Life, delayMs: number): Promise<void> {
  await time.sleep(delayMs);
  while (!life.isOver && time.nowMs() < life.stalledUntilMs) await time.sleep(life.stalledUntilMs - time.nowMs());
  if (life.isOver) await new Promise(() => undefined);
}

function failure(key: string): StoreError {
  return new StoreError(key, { problem: `can't reach ${key}`, fix: "wait" });
}

/** The trial's folder that a key lies in, if it lies in one. */
function shardOf(key: string): string | undefined {
  return /^experiments\/[^/]+\/runs\/[^/]+\/trials\/[^/]+\//.exec(key)?.[0];
}
