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
  /** Lists that others wrote, which `complete` replaces, by key. */
  private readonly deferred = new Map<string, Uint8Array>();

  constructor(
    private readonly store: Store,
    private readonly claim: HeldClaim,
  ) {}

  /** Writes a file. @throws ClaimLostError if the claim is lost and another attempt wrote the file */
  async write(key: string, bytes: Uint8Array): Promise<void> {
    await this.writeOver(key, bytes, () => true);
  }

  /**
   * Writes a list that grows while the trial is trained. Until `complete`, what another attempt wrote is made longer at
   * most. A version is the same whenever the content is: to write a beginning over a whole list is a write that may
   * get through, after a stall, when a later holder has finished with that same list.
   * @throws ClaimLostError if the claim is lost and another attempt wrote the list
   */
  async extend(key: string, bytes: Uint8Array): Promise<void> {
    const isWritten = await this.writeOver(key, bytes, (current) => startsWith(bytes, current));
    if (isWritten) this.deferred.delete(key);
    else this.deferred.set(key, bytes);
  }

  /** Has every list say what this attempt wrote last. @throws ClaimLostError if the claim is lost */
  async complete(): Promise<void> {
    for (const [key, bytes] of this.deferred) await this.write(key, bytes);
    this.deferred.clear();
  }

  /**
   * @param mayReplace whether what another attempt wrote may be replaced
   * @returns whether the file is now as it is to be
   */
  private async writeOver(
    key: string,
    bytes: Uint8Array,
    mayReplace: (current: Uint8Array) => boolean,
  ): Promise<boolean> {
    const sha256 = sha256Of(bytes);
    const before = this.written.get(key);
    if (before === sha256) return true;
    const isDone =
      before === undefined ? await this.store.putIfAbsent(key, bytes) : await this.replaceOwn(key, bytes, before);
    if (!isDone && !(await this.replaceForeign(key, bytes, mayReplace))) return false;
    this.written.set(key, sha256);
    return true;
  }

  private async replaceOwn(key: string, bytes: Uint8Array, before: string): Promise<boolean> {
    const current = await this.store.getVersioned(key);
    if (current === undefined || sha256Of(current.bytes) !== before) return false;
    return this.store.putIfMatch(key, bytes, current.version);
  }

  private async replaceForeign(
    key: string,
    bytes: Uint8Array,
    mayReplace: (current: Uint8Array) => boolean,
  ): Promise<boolean> {
    for (;;) {
      const current = await this.store.getVersioned(key);
      await this.claim.check();
      if (current === undefined) {
        if (await this.store.putIfAbsent(key, bytes)) return true;
      } else if (Buffer.compare(current.bytes, bytes) === 0) return true;
      else if (!mayReplace(current.bytes)) return false;
      else if (await this.store.putIfMatch(key, bytes, current.version)) return true;
    }
  }
}

function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, beginning.length), beginning) === 0;
}
