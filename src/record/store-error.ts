/** Something that a store could not do. The message names the key, what is in the way and what to do about it. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  constructor(
    /** The key, or prefix of keys, that was asked for. */
    readonly key: string,
    text: { readonly problem: string; readonly fix: string },
    options?: { readonly cause?: unknown },
  ) {
    super(`${text.problem}\n  fix: ${text.fix}`, options);
  }
}
