/** What a person asked of a comparison that it can't give. */
export type ComparisonErrorCode =
  /** No trial, configuration or rank is called that. */
  | "unknown-reference"
  /** An id prefix fits more than one trial or configuration. */
  | "ambiguous-reference"
  /** What was asked for needs a finished trial, and there is none. */
  | "not-finished"
  /** The record is finished and has no confusion matrix. */
  | "no-confusion"
  /** Two confusion matrices are over different classes. */
  | "different-classes"
  /** Two models were not tested on the same examples. */
  | "different-examples";

/** Thrown for requests that can't be answered; the message says what was asked for, `fix` what can be asked. */
export class ComparisonError extends Error {
  override readonly name = "ComparisonError";
  readonly code: ComparisonErrorCode;
  /** How to ask instead, one sentence. */
  readonly fix: string;

  constructor(code: ComparisonErrorCode, message: string, fix: string) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}
