/** A record that can't be used as it is: damaged, missing, or written by another version. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  /** What is wrong with it. */
  readonly problem: string;

  constructor(
    /** Key of the object. */
    readonly key: string,
    text: { readonly problem: string; readonly fix: string },
    options?: { readonly cause?: unknown },
  ) {
    super(`${key}: ${text.problem}\n  fix: ${text.fix}`, options);
    this.problem = text.problem;
  }
}
