import type { DocumentPath, ExperimentIssue } from "../spec/issue.ts";
import type { SectionName } from "../spec/parse-section.ts";
import type { SweepAxis } from "./sweep-axes.ts";

/** What checking one configuration by one rule gave. */
export interface RuleResult {
  /** Name of the rule; one that could not be checked for a configuration gives no result. */
  readonly rule: string;
  /** The sections that the rule looks at: swept fields elsewhere have nothing to do with it. */
  readonly reads: readonly SectionName[];
  readonly issues: readonly ExperimentIssue[];
}

/** Gathers the problems of all configurations of a sweep. */
export interface SweepIssues {
  /** @param digits the configuration: for each axis, the index of its value */
  add(results: readonly RuleResult[], digits: readonly number[]): void;
  /** Every problem once, at the swept value that causes it if there is one, and with the values it needs. */
  list(): readonly ExperimentIssue[];
}

/** For each axis, the indexes of some of its values. */
type ValueSets = readonly Set<number>[];

interface Group {
  readonly issue: ExperimentIssue;
  readonly reads: readonly SectionName[];
  /** The axis whose value or path is what the problem is about, if it is a swept one. */
  readonly subject: SweepAxis | undefined;
  /** The first configuration that has the problem. */
  readonly digits: readonly number[];
  /** The values of configurations that have the problem. */
  readonly affected: ValueSets;
  /** The values of configurations whose check could tell. */
  readonly checked: ValueSets;
}

/** Nothing gathered yet, for the sweep with these axes. */
export function createSweepIssues(axes: readonly SweepAxis[]): SweepIssues {
  const groups = new Map<string, Group>();
  const checkedByRule = new Map<string, ValueSets>();
  const noValues = (): ValueSets => axes.map(() => new Set<number>());
  const addIssue = (
    issue: ExperimentIssue,
    reads: RuleResult["reads"],
    checked: ValueSets,
    digits: Group["digits"],
  ) => {
    const subject = axes.find(({ path }) => startsWith(issue.path, path) || putsUnknownKey(path, issue));
    const value = subject && !putsUnknownKey(subject.path, issue) ? digits[axes.indexOf(subject)] : "";
    const key = [issue.code, ...issue.path, value].join("\n");
    const group = groups.get(key) ?? { issue, reads, subject, digits, affected: noValues(), checked };
    groups.set(key, group);
    include(group.affected, digits);
  };
  return {
    add(results, digits) {
      for (const { rule, reads, issues } of results) {
        const checked = checkedByRule.get(rule) ?? noValues();
        checkedByRule.set(rule, checked);
        include(checked, digits);
        for (const issue of issues) addIssue(issue, reads, checked, digits);
      }
    },
    list: () => [...groups.values()].map((group) => describe(group, axes)),
  };
}

function include(sets: ValueSets, digits: readonly number[]): void {
  for (const [index, digit] of digits.entries()) sets[index]?.add(digit);
}

/** Whether an unknown key is only there because this swept path created it. */
function putsUnknownKey(sweptPath: DocumentPath, issue: ExperimentIssue): boolean {
  return issue.code === "unknown-key" && startsWith(sweptPath, issue.path);
}

function startsWith(path: DocumentPath, start: DocumentPath): boolean {
  return start.every((part, index) => path[index] === part);
}

function describe(group: Group, axes: readonly SweepAxis[]): ExperimentIssue {
  const { issue } = group;
  const causes = axes.filter((axis, index) => isCause(group, axis, index));
  if (causes.length === 0) return issue;
  const conditions = causes
    .filter(({ path }) => !putsUnknownKey(path, issue))
    .map((axis) => describeCause(group, axis, axes.indexOf(axis)));
  const suffix = conditions.length > 0 ? ` (with ${conditions.join(", ")})` : "";
  return { ...issue, path: relocate(group, causes, axes), message: `${issue.message}${suffix}` };
}

/** An axis matters if the rule looks at its section and some of the values that it was checked with are all right. */
function isCause({ reads, subject, affected, checked }: Group, axis: SweepAxis, index: number): boolean {
  if (axis === subject) return true;
  if (!reads.includes(axis.section)) return false;
  return axis.values.length === 1 || (affected[index]?.size ?? 0) < (checked[index]?.size ?? 0);
}

function describeCause({ digits, affected }: Group, axis: SweepAxis, index: number): string {
  const others = (affected[index]?.size ?? 1) - 1;
  const more = others > 0 ? ` and ${others} other value${others === 1 ? "" : "s"}` : "";
  return `${axis.text}=${axis.labels[digits[index] ?? 0]}${more}`;
}

function relocate({ issue, subject, digits }: Group, causes: readonly SweepAxis[], axes: readonly SweepAxis[]) {
  const axis = subject ?? causes[0];
  if (!axis) return issue.path;
  const key = ["sweep", "grid", axis.text];
  if (putsUnknownKey(axis.path, issue)) return key;
  return [...key, digits[axes.indexOf(axis)] ?? 0, ...(subject ? issue.path.slice(axis.path.length) : [])];
}
