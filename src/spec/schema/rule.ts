/** What a rule between the fields of one map needs besides its condition. */
export interface RuleDescription {
  /** The field that the issue stands at, from the map that the rule belongs to; empty = the map itself. */
  readonly at: readonly (string | number)[];
  /** Stable name of the kind of problem, e.g. `conflicting-fields`. */
  readonly code: string;
  /** What is wrong, in the words of the person's YAML. */
  readonly message: string;
  /** How to mend it. */
  readonly fix: string;
  /** Fields of the map whose absence is the problem: the rule says nothing new if one of them is only misspelt. */
  readonly absent?: readonly string[];
}

/** What `explainIssue` finds in `params` of a failed rule. */
export type RuleParameters = Omit<RuleDescription, "at" | "message">;

/**
 * Options of a zod `refine` for a rule between fields. The rule also runs when other fields of the map are wrong, so
 * that everything is told at once: its condition must bear values of any type.
 */
export function ruleBetweenFields({ at, message, ...params }: RuleDescription) {
  return {
    path: [...at],
    error: message,
    params,
    when: ({ value }: { value: unknown }) => typeof value === "object" && value !== null,
  };
}
