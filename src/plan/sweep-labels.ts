import type { YamlValue } from "../spec/schema/experiment.ts";
import type { Choice, SweepAxis, SweepPoint } from "../spec/sweep/sweep-space.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { PlannedConfiguration } from "./plan.ts";

/** How a swept value is shown. */
export type ValueLabel = PlannedConfiguration["values"][string];

/** How the values of a sweep are shown. */
export interface SweepLabels {
  labelOf(choice: Choice): ValueLabel;
  /** The swept paths of a point and their values as they are shown. */
  valuesAt(point: SweepPoint): PlannedConfiguration["values"];
}

/**
 * Scalars stand for themselves; maps and lists are shown by their `name`, or else by their number among the values of
 * their path. A path that is swept in several parts of a sweep is numbered throughout: one label never means two values.
 */
export function labelSweep(axes: readonly SweepAxis[]): SweepLabels {
  const labels = new Map<SweepAxis, readonly ValueLabel[]>();
  for (const text of new Set(axes.map((axis) => axis.text))) {
    const same = axes.filter((axis) => axis.text === text);
    const ofAll = labelValues(same.flatMap(({ choices }) => choices.map(({ value }) => value)));
    let start = 0;
    for (const axis of same) {
      labels.set(axis, ofAll.slice(start, start + axis.choices.length));
      start += axis.choices.length;
    }
  }
  const labelOf = ({ axis, index }: Choice) => labels.get(axis)?.[index] ?? null;
  return {
    labelOf,
    valuesAt(point) {
      const values: Record<string, ValueLabel> = {};
      for (const choice of point) values[choice.axis.text] = labelOf(choice);
      return values;
    },
  };
}

function labelValues(values: readonly YamlValue[]): readonly ValueLabel[] {
  const contents = values.map(canonicalJson);
  const named = values.map((value) => (typeof value === "object" && value !== null ? nameOf(value) : value));
  const numberByContent = new Map<string, number>();
  const contentByName = new Map<ValueLabel, string>();
  const ambiguous = new Set<ValueLabel>();
  for (const [index, content] of contents.entries()) {
    if (!numberByContent.has(content)) numberByContent.set(content, index + 1);
    const name = named[index];
    if (name === undefined) continue;
    if ((contentByName.get(name) ?? content) !== content) ambiguous.add(name);
    contentByName.set(name, content);
  }
  return named.map((name, index) => {
    const number = numberByContent.get(contents[index] ?? "") ?? 0;
    if (name === undefined) return `#${number}`;
    return ambiguous.has(name) ? `${name} #${number}` : name;
  });
}

function nameOf(value: YamlValue[] | { [key: string]: YamlValue }): string | undefined {
  if (Array.isArray(value)) return undefined;
  return typeof value["name"] === "string" ? value["name"] : undefined;
}
