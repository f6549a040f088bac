import { isAtOrBelow, type DocumentPath, type ExperimentIssue } from "../spec/issue.ts";
import type { SectionName } from "../spec/parse-section.ts";
import type { Choice, SweepAxis, SweepPoint } from "../spec/sweep/sweep-space.ts";
import type { SweepLabels } from "./sweep-labels.ts";

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
  /** @param point the configuration */
  add(results: readonly RuleResult[], point: SweepPoint): void;
  /** Every problem once, at the swept value that causes it if there is one, and with the values it needs. */
  list(): readonly ExperimentIssue[];
}

interface Group {
  readonly issue: ExperimentIssue;
  readonly reads: readonly SectionName[];
  /** The value that the problem is about, or whose path it is about, if it is a swept one. */
  readonly subject: Choice | undefined;
  /** The first configuration that has the problem. */
  readonly point: SweepPoint;
  /** The values of configurations that have the problem. */
  readonly affected: MetValues;
  /** The values of configurations whose check could tell. */
  readonly checked: MetValues;
}

/** Nothing gathered yet. */
export function createSweepIssues(labels: SweepLabels): SweepIssues {
  const groups = new Map<string, Group>();
  const checkedByRule = new Map<string, MetValues>();
  const addIssue = (issue: ExperimentIssue, reads: RuleResult["reads"], checked: MetValues, point: SweepPoint) => {
    const subject = subjectOf(issue, point);
    const key = [issue.code, ...issue.path, subject ? subjectKey(subject, issue) : ""].join("\n");
    const group = groups.get(key) ?? { issue, reads, subject, point, affected: new MetValues(), checked };
    groups.set(key, group);
    group.affected.add(point);
  };
  return {
    add(results, point) {
      for (const { rule, reads, issues } of results) {
        const checked = checkedByRule.get(rule) ?? new MetValues();
        checkedByRule.set(rule, checked);
        checked.add(point);
        for (const issue of issues) addIssue(issue, reads, checked, point);
      }
    },
    list: () => [...groups.values()].map((group) => describe(group, labels)),
  };
}

/** Which values of which axes were met, and how many points had none of an axis. */
class MetValues {
  #pointCount = 0;
  readonly #byAxis = new Map<SweepAxis, { readonly met: Uint8Array; valueCount: number; pointCount: number }>();

  add(point: SweepPoint): void {
    this.#pointCount++;
    for (const { axis, index } of point) {
      let values = this.#byAxis.get(axis);
      if (values === undefined) {
        values = { met: new Uint8Array(axis.choices.length), valueCount: 0, pointCount: 0 };
        this.#byAxis.set(axis, values);
      }
      values.pointCount++;
      if (values.met[index] === 1) continue;
      values.met[index] = 1;
      values.valueCount++;
    }
  }

  /** Number of different values of an axis; that a point has none of it counts as one more. */
  countValues(axis: SweepAxis): number {
    const { valueCount, pointCount } = this.#byAxis.get(axis) ?? { valueCount: 0, pointCount: 0 };
    return valueCount + (pointCount < this.#pointCount ? 1 : 0);
  }

  /** Number of different values of an axis that points have. */
  countWrittenValues(axis: SweepAxis): number {
    return this.#byAxis.get(axis)?.valueCount ?? 0;
  }
}

/** The innermost swept value that an issue is about. */
function subjectOf(issue: ExperimentIssue, point: SweepPoint): Choice | undefined {
  const about = point.filter(({ axis }) => isAtOrBelow(issue.path, axis.path) || putsUnknownKey(axis.path, issue));
  return about.reduce<Choice | undefined>(
    (deepest, choice) => (deepest && deepest.axis.path.length >= choice.axis.path.length ? deepest : choice),
    undefined,
  );
}

/** Drawn values stand at one place, their distribution: they are told together. */
function subjectKey({ axis, index }: Choice, issue: ExperimentIssue): string {
  const key = axis.keyPlace.join(".");
  return axis.isDrawn || putsUnknownKey(axis.path, issue) ? key : `${key} ${index}`;
}

/** Whether an unknown key is only there because this swept path created it. */
function putsUnknownKey(sweptPath: DocumentPath, issue: ExperimentIssue): boolean {
  return issue.code === "unknown-key" && isAtOrBelow(sweptPath, issue.path);
}

function describe(group: Group, labels: SweepLabels): ExperimentIssue {
  const { issue } = group;
  const causes = group.point.filter((choice) => isCause(group, choice));
  if (causes.length === 0) return issue;
  const conditions = causes
    .filter(({ axis }) => !putsUnknownKey(axis.path, issue))
    .map((choice) => describeCause(group, choice, labels));
  const suffix = conditions.length > 0 ? ` (with ${conditions.join(", ")})` : "";
  const fix = group.subject?.axis.isDrawn ? fixDistribution(issue) : issue.fix;
  return { ...issue, path: relocate(group, causes), message: `${issue.message}${suffix}`, fix };
}

/** Of a drawn value not the value has to be changed. */
function fixDistribution({ message }: ExperimentIssue): string {
  if (message.includes("whole number")) return "draw whole numbers with `intUniform`";
  return "change the distribution so that all of its values are allowed";
}

/** An axis matters if the rule looks at its section and some of the values that it was checked with are all right. */
function isCause({ reads, subject, affected, checked }: Group, choice: Choice): boolean {
  if (choice === subject) return true;
  const { axis } = choice;
  if (!reads.includes(axis.section)) return false;
  return axis.choices.length === 1 || affected.countValues(axis) < checked.countValues(axis);
}

function describeCause({ affected }: Group, choice: Choice, labels: SweepLabels): string {
  const others = affected.countWrittenValues(choice.axis) - 1;
  const more = others > 0 ? ` and ${others} other value${others === 1 ? "" : "s"}` : "";
  return `${choice.axis.text}=${labels.labelOf(choice)}${more}`;
}

function relocate({ issue, subject }: Group, causes: readonly Choice[]): DocumentPath {
  const choice = subject ?? causes[0];
  if (!choice) return issue.path;
  const { axis, place } = choice;
  if (putsUnknownKey(axis.path, issue)) return axis.keyPlace;
  return subject && !axis.isDrawn ? [...place, ...issue.path.slice(axis.path.length)] : place;
}
