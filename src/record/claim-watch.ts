import type { ClaimHolder } from "../contract/worker-messages.ts";
import { evictHolder, readClaim } from "./claims.ts";
import { isProcessDead } from "./process-space.ts";
import type { Store } from "./store.ts";

/** What was found at a claim: somebody holds it, or the trial can be claimed. */
export type ClaimFinding = { readonly type: "held"; readonly holder: ClaimHolder } | { readonly type: "free" };

/**
 * Watches claims of others. Times of others mean nothing here: a claim expires when this process itself has seen no
 * sign of life for long enough, by its own clock that only goes forward.
 */
export class ClaimWatch {
  private readonly seen = new Map<string, { readonly sign: string; readonly sinceMs: number }>();

  constructor(
    private readonly store: Store,
    private readonly expiryMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Looks at a claim, and takes it away from a holder that is dead or has shown no sign of life for too long. */
  async look(key: string): Promise<ClaimFinding> {
    // The time before: a store may take long to answer.
    const nowMs = this.nowMs();
    const read = await readClaim(this.store, key);
    if (read === undefined || read.document.state === "released") return this.free(key);
    const { claimId, beat, holder } = read.document;
    const sign = `${claimId} ${beat}`;
    const seen = this.seen.get(key);
    if (seen?.sign !== sign) this.seen.set(key, { sign, sinceMs: this.nowMs() });
    const isExpired = seen?.sign === sign && nowMs - seen.sinceMs >= this.expiryMs;
    if (!isExpired && !isProcessDead(holder)) return { type: "held", holder };
    // If it has changed meanwhile, the next look tells.
    return (await evictHolder(this.store, key, read)) ? this.free(key) : { type: "held", holder };
  }

  private free(key: string): ClaimFinding {
    this.seen.delete(key);
    return { type: "free" };
  }
}
