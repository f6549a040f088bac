import { isAtOrBelow, type DocumentPath, type ExperimentIssue } from "../issue.ts";
import { nearestName } from "../nearest-name.ts";
import { readAtPath } from "../sweep-path.ts";
import { readComparison } from "./condition.ts";
import type { Condition, SweepAxis } from "./sweep-space.ts";
import { badPath, readSweptPath } from "./swept-path.ts";
import { entriesOf } from "./written.ts";

/** Reads conditions, and checks in the end that what they look at is there. */
export class ConditionReader {
  readonly #document: unknown;
  readonly #issues: ExperimentIssue[] = [];
  readonly #read: Condition[] = [];

  constructor(document: unknown) {
    this.#document = document;
  }

  /** Reads a map of paths to comparisons; all of them have to hold. */
  read(written: unknown, place: DocumentPath): readonly Condition[] {
    const conditions = entriesOf(written).flatMap(([text, given]): readonly Condition[] => {
      const at = [...place, text];
      const swept = readSweptPath(text, at);
      if (!("fix" in swept)) return [{ text, path: swept.path, place: at, ...readComparison(given) }];
      this.#issues.push(swept);
      return [];
    });
    this.#read.push(...conditions);
    return conditions;
  }

  /** Everything that is wrong with the paths of conditions, once all axes are known. */
  check(axes: readonly SweepAxis[]): readonly ExperimentIssue[] {
    const unknown = this.#read.filter((condition) => !this.#isKnown(condition, axes));
    return [...this.#issues, ...unknown.map((condition) => unknownField(condition, axes))];
  }

  #isKnown({ path }: Condition, axes: readonly SweepAxis[]): boolean {
    if (readAtPath(this.#document, path) !== undefined) return true;
    return axes.some(
      (axis) =>
        isAtOrBelow(path, axis.path) &&
        axis.choices.some(({ value }) => readAtPath(value, path.slice(axis.path.length)) !== undefined),
    );
  }
}

function unknownField({ text, place }: Condition, axes: readonly SweepAxis[]): ExperimentIssue {
  const nearest = nearestName(
    text,
    axes.map((axis) => axis.text),
  );
  const message = `"${text}" is neither swept nor written in this experiment; conditions don't see defaults`;
  return badPath(
    place,
    message,
    nearest === undefined ? "write the field in the experiment" : `did you mean \`${nearest}\`?`,
  );
}
