import { type DocumentPath, type ExperimentIssue, formatPath } from "../spec/issue.ts";
import { nearestName } from "../spec/nearest-name.ts";
import type { SectionName } from "../spec/parse-section.ts";
import type { Sweep, YamlValue } from "../spec/schema/experiment.ts";
import { parseSweepPath, setAtPath } from "../spec/sweep-path.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { PlannedConfiguration } from "./plan.ts";

const sections = ["data", "model", "training", "evaluation"] as const satisfies readonly SectionName[];

/** How a swept value is shown. */
export type ValueLabel = PlannedConfiguration["values"][string];

/** One swept field and its values. */
export interface SweepAxis {
  /** The path as it was written, which is also its key in `sweep.grid`. */
  readonly text: string;
  readonly path: DocumentPath;
  readonly section: SectionName;
  readonly values: readonly YamlValue[];
  /** One for each value. */
  readonly labels: readonly ValueLabel[];
}

/**
 * Reads the grid of a sweep.
 * @param document the experiment as written, without defaults
 * @returns an axis for every path that can be swept, in the order of the grid, and what is wrong with the others
 */
export function parseAxes(
  grid: Sweep["grid"],
  document: YamlValue,
): { readonly axes: readonly SweepAxis[]; readonly issues: readonly ExperimentIssue[] } {
  const axes: SweepAxis[] = [];
  const issues: ExperimentIssue[] = [];
  for (const [text, values] of Object.entries(grid)) {
    const result = parseAxis(text, values, document);
    if ("code" in result) {
      issues.push(result);
      continue;
    }
    const other = axes.find((axis) => overlap(axis.path, result.path));
    if (other) issues.push(shadowed(other, result));
    else axes.push(result);
  }
  return { axes, issues };
}

function parseAxis(text: string, values: readonly YamlValue[], document: YamlValue): SweepAxis | ExperimentIssue {
  const parsed = parseSweepPath(text);
  if ("problem" in parsed) return badPath(text, parsed.problem, "write a path as `training.optimizer.learningRate`");
  const [first] = parsed.path;
  const section = sections.find((name) => name === first);
  if (section === undefined) return notInASection(text, parsed.path);
  // That the path leads somewhere doesn't depend on the value; what is there is checked with each value.
  const changed = setAtPath(document, parsed.path, values[0] ?? null);
  if ("problem" in changed) return badPath(text, changed.problem, "name a field of this experiment");
  return { text, path: parsed.path, section, values, labels: labelValues(values) };
}

function overlap(a: DocumentPath, b: DocumentPath): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((part, index) => part === b[index]);
}

/** Scalars stand for themselves; maps and lists are shown by their `name`, or else by their number in the axis. */
function labelValues(values: readonly YamlValue[]): readonly ValueLabel[] {
  const named = values.map((value) => (typeof value === "object" && value !== null ? nameOf(value) : value));
  const contentByName = new Map<ValueLabel, string>();
  const ambiguous = new Set<ValueLabel>();
  for (const [index, name] of named.entries()) {
    if (name === undefined) continue;
    const content = canonicalJson(values[index]);
    if ((contentByName.get(name) ?? content) !== content) ambiguous.add(name);
    contentByName.set(name, content);
  }
  return named.map((name, index) => {
    if (name === undefined) return `#${index + 1}`;
    return ambiguous.has(name) ? `${name} #${index + 1}` : name;
  });
}

function nameOf(value: YamlValue[] | { [key: string]: YamlValue }): string | undefined {
  if (Array.isArray(value)) return undefined;
  return typeof value["name"] === "string" ? value["name"] : undefined;
}

function badPath(text: string, problem: string, fix: string): ExperimentIssue {
  return { code: "bad-sweep-path", path: ["sweep", "grid", text], message: problem, fix };
}

function notInASection(text: string, path: DocumentPath): ExperimentIssue {
  const first = String(path[0]);
  const nearest = nearestName(first, sections);
  const allowed = `a swept path starts with ${sections.slice(0, -1).join(", ")} or ${sections.at(-1)}`;
  return badPath(
    text,
    `got "${first}", but ${allowed}`,
    nearest === undefined
      ? "sweep a field of one of these sections"
      : `did you mean "${formatPath([nearest, ...path.slice(1)])}"?`,
  );
}

function shadowed(other: SweepAxis, axis: SweepAxis): ExperimentIssue {
  const [outer, inner] = other.path.length <= axis.path.length ? [other, axis] : [axis, other];
  return {
    code: "shadowed-path",
    path: ["sweep", "grid", axis.text],
    message:
      outer.path.length === inner.path.length
        ? `"${axis.text}" and "${other.text}" are the same field`
        : `"${inner.text}" is part of "${outer.text}", which is swept as well: one would overwrite the other`,
    fix: "sweep only one of them",
  };
}
