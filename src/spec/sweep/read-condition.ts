import { describeGiven } from "../describe-expectation.ts";
import { renderInline } from "../example.ts";
import { kindOfValue } from "../expectation.ts";
import { isAtOrBelow, type DocumentPath, type ExperimentIssue } from "../issue.ts";
import { nearestName } from "../nearest-name.ts";
import { readAtPath } from "../sweep-path.ts";
import { readComparison } from "./condition.ts";
import type { Condition, SweepAxis } from "./sweep-space.ts";
import { badPath, readSweptPath } from "./swept-path.ts";
import { entriesOf } from "./written.ts";

/** A condition as it was written. */
interface WrittenCondition extends Condition {
  readonly given: unknown;
}

/** Reads conditions, and checks in the end that what they look at is there. */
export class ConditionReader {
  readonly #document: unknown;
  readonly #issues: ExperimentIssue[] = [];
  readonly #read: WrittenCondition[] = [];

  constructor(document: unknown) {
    this.#document = document;
  }

  /** Reads a map of paths to comparisons; all of them have to hold. */
  read(written: unknown, place: DocumentPath): readonly Condition[] {
    const conditions = entriesOf(written).flatMap(([text, given]): readonly WrittenCondition[] => {
      const at = [...place, text];
      const swept = readSweptPath(text, at);
      if (!("fix" in swept)) return [{ text, path: swept.path, place: at, given, ...readComparison(given) }];
      this.#issues.push(swept);
      return [];
    });
    this.#read.push(...conditions);
    return conditions;
  }

  /** Everything that is wrong with conditions, once all axes are known. */
  check(axes: readonly SweepAxis[]): readonly ExperimentIssue[] {
    return [...this.#issues, ...this.#read.flatMap((condition) => this.#checkOne(condition, axes))];
  }

  #checkOne(condition: WrittenCondition, axes: readonly SweepAxis[]): readonly ExperimentIssue[] {
    const known = this.#valuesOf(condition, axes);
    if (known.length === 0) return [unknownField(condition, axes)];
    const kinds = new Set(known.map(kindOfValue));
    return comparedValues(condition)
      .filter(({ value }) => !kinds.has(kindOfValue(value)))
      .map(({ value, place }) => {
        const has = `the values of "${condition.text}" are ${[...kinds].map((kind) => kindNames[kind] ?? kind).join(" or ")}`;
        const message = `got ${describeGiven(value)}, but ${has}`;
        return { code: "wrong-type", path: place, message, fix: `compare with e.g. ${renderInline(known[0])}` };
      });
  }

  /** All values that a field has in some configuration, as far as they are written or swept. */
  #valuesOf({ path }: Condition, axes: readonly SweepAxis[]): readonly unknown[] {
    const swept = axes
      .filter((axis) => isAtOrBelow(path, axis.path))
      .flatMap((axis) => axis.choices.map(({ value }) => readAtPath(value, path.slice(axis.path.length))));
    return [readAtPath(this.#document, path), ...swept].filter((value) => value !== undefined);
  }
}

const kindNames: Readonly<Record<string, string>> = {
  number: "numbers",
  string: "texts",
  boolean: "true or false",
  array: "lists",
  object: "maps",
};

/** What a field is compared with, each value where it is written. */
function comparedValues({ given, place }: WrittenCondition): readonly { value: unknown; place: DocumentPath }[] {
  if (Array.isArray(given)) return given.map((value: unknown, index) => ({ value, place: [...place, index] }));
  if (kindOfValue(given) !== "object") return [{ value: given, place }];
  return entriesOf(given).flatMap(([sign, value]) => {
    const at = [...place, sign];
    // What is no number has its own issue.
    if (sign !== "!=" && typeof value !== "number") return [];
    return Array.isArray(value)
      ? value.map((one: unknown, index) => ({ value: one, place: [...at, index] }))
      : { value, place: at };
  });
}

function unknownField({ text, place }: Condition, axes: readonly SweepAxis[]): ExperimentIssue {
  const nearest = nearestName(
    text,
    axes.map((axis) => axis.text),
  );
  const message = `"${text}" is neither swept nor written in this experiment; conditions don't see defaults`;
  const fix = nearest === undefined ? "write the field in the experiment" : `did you mean \`${nearest}\`?`;
  return badPath(place, message, fix);
}
