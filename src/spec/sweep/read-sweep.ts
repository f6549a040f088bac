import type { DocumentPath, ExperimentIssue } from "../issue.ts";
import type { YamlValue } from "../schema/yaml-value.ts";
import { readAtPath } from "../sweep-path.ts";
import { checkTarget, type Rival } from "./check-target.ts";
import { ConditionReader } from "./read-condition.ts";
import { readDraws, type Sampler, type WrittenDraws } from "./read-draws.ts";
import type { Branch, Choice, Condition, Exclusion, Factor, SweepAxis, SweepSpace } from "./sweep-space.ts";
import { overlap, readSweptPath, shadowedPath } from "./swept-path.ts";
import { entriesOf, listOf, mapsOf } from "./written.ts";

/** A sweep as it was written, ready to be gone through. */
export interface SweepReading {
  readonly space: SweepSpace;
  /** All axes in the order of reading. */
  readonly axes: readonly SweepAxis[];
  /** What is wrong with paths; the fields concerned are left out of the space. */
  readonly issues: readonly ExperimentIssue[];
}

/**
 * Reads the `sweep:` section of an experiment. What is not written as its schema says is passed over: it has its own
 * issues.
 * @param document the experiment as written, without defaults
 * @param sample where drawn values come from
 */
export function readSweep(document: YamlValue, sample: Sampler): SweepReading {
  const reader = new SweepReader(document, sample);
  const space = reader.readSpace(readAtPath(document, ["sweep"]), ["sweep"], []);
  return { space, axes: reader.axes, issues: [...reader.issues, ...reader.conditions.check(reader.axes)] };
}

class SweepReader {
  readonly axes: SweepAxis[] = [];
  readonly issues: ExperimentIssue[] = [];
  readonly conditions: ConditionReader;
  readonly #document: YamlValue;
  readonly #sample: Sampler;

  constructor(document: YamlValue, sample: Sampler) {
    this.#document = document;
    this.#sample = sample;
    this.conditions = new ConditionReader(document);
  }

  /** @param outer axes whose values every point of this space is combined with */
  readSpace(written: unknown, place: DocumentPath, outer: readonly Rival[]): SweepSpace {
    const firstOwn = this.axes.length;
    const factors = this.#readFactors(written, place, outer, []);
    const rivals = [...outer, ...this.axes.slice(firstOwn).map((axis) => ({ axis, conditions: [] }))];
    const union = mapsOf(readAtPath(written, ["union"])).map(([index, member]) =>
      this.readSpace(member, [...place, "union", index], rivals),
    );
    const members = this.axes.slice(firstOwn).map((axis) => ({ axis, conditions: [] }));
    const branches = this.#readBranches(written, place, [...outer, ...members]);
    const exclusions = mapsOf(readAtPath(written, ["exclude"])).map(([index, conditions]): Exclusion => {
      const at = [...place, "exclude", index];
      return { place: at, conditions: this.conditions.read(conditions, at) };
    });
    return { union, factors, branches, exclusions };
  }

  #readBranches(written: unknown, place: DocumentPath, outer: readonly Rival[]): readonly Branch[] {
    const rivals = [...outer];
    return mapsOf(readAtPath(written, ["when"])).map(([index, branch]) => {
      const at = [...place, "when", index];
      const conditions = this.conditions.read(readAtPath(branch, ["if"]), [...at, "if"]);
      const firstOwn = this.axes.length;
      const factors = this.#readFactors(branch, at, rivals, conditions);
      rivals.push(...this.axes.slice(firstOwn).map((axis) => ({ axis, conditions })));
      return { place: [...at, "if"], conditions, factors };
    });
  }

  /** The parts of a space that combine, the slowest first; read in the order in which they are usually written. */
  #readFactors(
    written: unknown,
    place: DocumentPath,
    outer: readonly Rival[],
    conditions: readonly Condition[],
  ): readonly Factor[] {
    const firstOwn = this.axes.length;
    const rivals = () => [...outer, ...this.axes.slice(firstOwn).map((axis) => ({ axis, conditions }))];
    const part = (name: string) => readAtPath(written, [name]);
    const grid = this.#readGrid(part("grid"), [...place, "grid"], rivals, conditions);
    const zip = this.#readZip(part("zip"), [...place, "zip"], rivals, conditions);
    const cases = this.#readCases(part("cases"), [...place, "cases"], rivals(), conditions);
    const random = this.#readDrawn(readDraws(part("random"), [...place, "random"]), rivals, conditions);
    const quasi = this.#readDrawn(readDraws(part("quasiRandom"), [...place, "quasiRandom"]), rivals, conditions);
    return [...random, ...quasi, ...cases, ...zip, ...grid];
  }

  #readGrid(grid: unknown, place: DocumentPath, rivals: () => readonly Rival[], conditions: readonly Condition[]) {
    return entriesOf(grid).flatMap(([text, values]): readonly Factor[] => {
      const axis = this.#readAxis(text, [...place, text], listOf(values), rivals(), conditions);
      return axis ? [axis.choices.map((choice) => [choice])] : [];
    });
  }

  #readZip(zip: unknown, place: DocumentPath, rivals: () => readonly Rival[], conditions: readonly Condition[]) {
    const axes = entriesOf(zip).flatMap(([text, values]) => {
      const axis = this.#readAxis(text, [...place, text], listOf(values), rivals(), conditions);
      return axis ? [axis] : [];
    });
    const length = Math.min(...axes.map(({ choices }) => choices.length));
    return axes.length === 0 ? [] : [rowsOf(axes, length, (_, row) => row)];
  }

  #readCases(
    written: unknown,
    place: DocumentPath,
    rivals: readonly Rival[],
    conditions: readonly Condition[],
  ): readonly Factor[] {
    const cases = mapsOf(written);
    const points = cases.map((): Choice[] => []);
    for (const text of new Set(cases.flatMap(([, fields]) => Object.keys(fields)))) {
      const having = [...cases.entries()].filter(([, [, fields]]) => Object.hasOwn(fields, text));
      const values = having.map(([, [index, fields]]) => ({
        value: fields[text] ?? null,
        place: [...place, index, text],
      }));
      const axis = this.#accept(text, values[0]?.place ?? place, values, { rivals, conditions });
      if (axis === undefined) continue;
      for (const [number, [position]] of having.entries()) {
        const choice = axis.choices[number];
        if (choice && !this.#isShadowedInCase(choice, points[position] ?? [])) points[position]?.push(choice);
      }
    }
    return cases.length === 0 ? [] : [points];
  }

  #isShadowedInCase(choice: Choice, earlier: readonly Choice[]): boolean {
    const other = earlier.find(({ axis }) => overlap(axis.path, choice.axis.path));
    if (other) this.issues.push(shadowedPath(other.axis, choice.axis, choice.place));
    return other !== undefined;
  }

  #readDrawn(
    draws: WrittenDraws | undefined,
    rivals: () => readonly Rival[],
    conditions: readonly Condition[],
  ): readonly Factor[] {
    if (draws === undefined) return [];
    const rows = this.#sample(draws);
    const axes = draws.fields.flatMap((field, dimension) => {
      const { values, indexes } = field.draw(rows.map((row) => row[dimension] ?? 0));
      const axis = this.#accept(field.text, field.place, values, {
        rivals: rivals(),
        conditions,
        isDrawn: field.isDrawn,
      });
      return axis ? [{ axis, indexes }] : [];
    });
    const indexOf = (position: number, row: number) => axes[position]?.indexes[row] ?? 0;
    return [
      rowsOf(
        axes.map(({ axis }) => axis),
        rows.length,
        indexOf,
      ),
    ];
  }

  #readAxis(
    text: string,
    place: DocumentPath,
    values: readonly YamlValue[],
    rivals: readonly Rival[],
    conditions: readonly Condition[],
  ): SweepAxis | undefined {
    if (values.length === 0) return undefined;
    const placed = values.map((value, index) => ({ value, place: [...place, index] }));
    return this.#accept(text, place, placed, { rivals, conditions });
  }

  /** Makes an axis, unless there is an issue with its path. */
  #accept(
    text: string,
    place: DocumentPath,
    values: readonly Pick<Choice, "value" | "place">[],
    about: { readonly rivals: readonly Rival[]; readonly conditions: readonly Condition[]; readonly isDrawn?: boolean },
  ): SweepAxis | undefined {
    const swept = readSweptPath(text, place);
    const issue =
      "fix" in swept
        ? swept
        : checkTarget(swept, { ...about, place, value: values[0]?.value ?? null, document: this.#document });
    if (issue !== undefined || "fix" in swept) {
      if (issue) this.issues.push(issue);
      return undefined;
    }
    const choices: Choice[] = [];
    const axis: SweepAxis = { ...swept, keyPlace: place, isDrawn: about.isDrawn ?? false, choices };
    for (const [index, value] of values.entries()) choices.push({ axis, index, ...value });
    this.axes.push(axis);
    return axis;
  }
}

/** Points in which several axes move together. */
function rowsOf(axes: readonly SweepAxis[], count: number, indexOf: (position: number, row: number) => number): Factor {
  return Array.from({ length: count }, (_, row) =>
    axes.flatMap((axis, position) => axis.choices[indexOf(position, row)] ?? []),
  );
}
