/** A record that isn't what it was when it was finished. */
export interface VerificationProblem {
  /** Key of the object. */
  readonly key: string;
  readonly problem: string;
}
