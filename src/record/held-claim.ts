import type { ClaimHolder } from "../contract/worker-messages.ts";
import { processClaimClock, type ClaimClock } from "./claim-clock.ts";
import { claimSchema, type ClaimDocument, type ReadyResult } from "./claim-document.ts";
import { decodeJson, encodeJson } from "./json-object.ts";
import type { Store } from "./store.ts";

/** Somebody else took the trial over: nothing may be written for this attempt any more. */
export class ClaimLostError extends Error {
  override readonly name = "ClaimLostError";

  constructor(
    readonly key: string,
    /** Who has the claim now; undefined if there is none any more. */
    readonly holder: ClaimHolder | undefined,
  ) {
    super(`${key}: the claim was taken over`);
  }
}

/** How long a sign of life that got through stands for a look at the claim. */
const freshMs = 30_000;

/**
 * A claim that this process holds. Changes go one after another, each only if the claim is still the one that was read:
 * once somebody has taken it over, none gets through.
 */
export class HeldClaim {
  private readonly losing = new AbortController();
  private last: Promise<unknown> = Promise.resolve();
  private seenMs: number;

  /** @param document as it was written, which made this process the holder */
  constructor(
    private readonly store: Store,
    private readonly key: string,
    private document: ClaimDocument,
    private readonly clock: ClaimClock = processClaimClock,
  ) {
    this.seenMs = clock.nowMs();
  }

  /** Differs from that of every holder that was overtaken. */
  get token(): number {
    return this.document.token;
  }

  /** What an overtaken holder was about to put in place. */
  get ready(): ReadyResult | undefined {
    return this.document.ready;
  }

  /** Aborted once it is known that the claim is lost. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Shows a sign of life. @throws ClaimLostError if the claim is lost */
  async beat(): Promise<void> {
    await this.change((document) => ({
      ...document,
      beat: document.beat + 1,
      holder: { ...document.holder, lastSign: new Date().toISOString() },
    }));
  }

  /**
   * Shows signs of life until it is called off or the claim is lost. What the store can't take now is tried again the
   * next time: whether others have taken over meanwhile shows at the next write.
   * @returns calls it off
   */
  keepBeating(beatMs: number): () => void {
    const stop = this.clock.every(beatMs, () => void this.beat().catch(() => this.lost.aborted && stop()));
    return stop;
  }

  /** Looks whether the claim is still held. @throws ClaimLostError if not */
  async check(): Promise<void> {
    if (this.lost.aborted) throw new ClaimLostError(this.key, undefined);
    await this.read();
  }

  /** As `check`, but a look that isn't old is enough: for what does no harm if it is done too late. */
  async checkNowAndThen(): Promise<void> {
    if (this.lost.aborted || this.clock.nowMs() - this.seenMs > freshMs) await this.check();
  }

  /**
   * Says that all files of a result are written. From then on nobody trains the trial again: who takes over puts this
   * result in place. @throws ClaimLostError if the claim is lost
   */
  async announce(ready: ReadyResult): Promise<void> {
    await this.change((document) => ({ ...document, ready }));
  }

  /** Gives back a trial that isn't finished. If the claim is lost, nothing happens. */
  async release(): Promise<void> {
    await this.change((document) => ({ ...document, state: "released" })).catch(ignoreLoss);
  }

  /** Removes the claim of a trial that is finished: its result says more than a claim could. */
  async remove(): Promise<void> {
    await this.check().catch(ignoreLoss);
    if (!this.lost.aborted) await this.store.delete(this.key);
  }

  private change(change: (document: ClaimDocument) => ClaimDocument): Promise<void> {
    const changed = this.last.then(async () => {
      for (;;) {
        const { document, version } = await this.read();
        const next = change(document);
        if (!(await this.store.putIfMatch(this.key, encodeJson(next), version))) continue;
        this.document = next;
        return;
      }
    });
    this.last = changed.catch(() => undefined);
    return changed;
  }

  private async read(): Promise<{ document: ClaimDocument; version: string }> {
    const askedMs = this.clock.nowMs();
    const object = await this.store.getVersioned(this.key);
    const document = object && decodeJson(this.key, object.bytes, claimSchema);
    if (object === undefined || document?.claimId !== this.document.claimId || document.state !== "held") {
      this.losing.abort();
      throw new ClaimLostError(this.key, document?.state === "held" ? document.holder : undefined);
    }
    this.seenMs = askedMs;
    return { document, version: object.version };
  }
}

function ignoreLoss(error: unknown): void {
  if (!(error instanceof ClaimLostError)) throw error;
}
