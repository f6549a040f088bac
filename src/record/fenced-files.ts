import type { HeldClaim } from "./held-claim.ts";
import { sha256Of } from "./sha256-of.ts";
import type { Store } from "./store.ts";

/**
 * Writes the files of a record for an attempt that holds the trial's claim. Each write asks that the file is what this
 * attempt left there (at first: that there is none). If it is something else, the claim decides: who holds it replaces
 * what others wrote; who has lost it stops. The file is read before the claim, so what a later holder writes after
 * that can't be overwritten. An attempt that was overtaken may still write a file that the new holder hasn't written
 * yet, and the new holder then replaces it.
 */
export class FencedFiles {
  /** SHA-256 of what this attempt wrote last, by key. */
  private readonly written = new Map<string, string>();

  constructor(
    private readonly store: Store,
    private readonly claim: HeldClaim,
  ) {}

  /** Writes a file. @throws ClaimLostError if the claim is lost and another attempt wrote the file */
  async write(key: string, bytes: Uint8Array): Promise<void> {
    const sha256 = sha256Of(bytes);
    const before = this.written.get(key);
    if (before === sha256) return;
    const isDone =
      before === undefined ? await this.store.putIfAbsent(key, bytes) : await this.replaceOwn(key, bytes, before);
    if (!isDone) await this.replaceForeign(key, bytes, sha256);
    this.written.set(key, sha256);
  }

  private async replaceOwn(key: string, bytes: Uint8Array, before: string): Promise<boolean> {
    const current = await this.store.getVersioned(key);
    if (current === undefined || sha256Of(current.bytes) !== before) return false;
    return this.store.putIfMatch(key, bytes, current.version);
  }

  private async replaceForeign(key: string, bytes: Uint8Array, sha256: string): Promise<void> {
    for (;;) {
      const current = await this.store.getVersioned(key);
      await this.claim.check();
      if (current === undefined) {
        if (await this.store.putIfAbsent(key, bytes)) return;
      } else if (sha256Of(current.bytes) === sha256) return;
      else if (await this.store.putIfMatch(key, bytes, current.version)) return;
    }
  }
}
