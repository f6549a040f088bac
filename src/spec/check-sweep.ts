import { explainIssues } from "./explain-issues.ts";
import { placeOfExperiment } from "./expectation.ts";
import { formatPath, isAtOrBelow, type DocumentPath, type ExperimentIssue } from "./issue.ts";
import { parseSection, type SectionName } from "./parse-section.ts";
import { experimentSchema, type ExperimentSpec, type YamlValue } from "./schema/experiment.ts";
import { readAtPath } from "./sweep-path.ts";
import { representativeSample } from "./sweep/read-draws.ts";
import { readSweep } from "./sweep/read-sweep.ts";
import { documentAt, sweepPoints } from "./sweep/sweep-points.ts";
import type { Choice, SweepAxis, SweepPoint, SweepSpace } from "./sweep/sweep-space.ts";
import { readSweptPath } from "./sweep/swept-path.ts";

/** An issue of a configuration, its point, and the values that no earlier point had. */
interface ConfigurationIssue {
  readonly issue: ExperimentIssue;
  readonly point: SweepPoint;
  readonly newChoices: readonly Choice[];
}

/** A value that only shows up after so many points is left to the plan, which looks at all of them. */
const maxPointCount = 200_000;

/**
 * Checks a document that is not valid by itself with the values of its sweep put in: what is missing may be swept.
 * @param ownIssues what is wrong with the document without its sweep
 * @returns the first configuration, or everything that is wrong with the document and with each swept value alone
 */
export function checkWithSweep(
  document: YamlValue,
  ownIssues: readonly ExperimentIssue[],
): { readonly spec: ExperimentSpec } | { readonly issues: readonly ExperimentIssue[] } {
  const { space, axes, issues } = readSweep(document, representativeSample);
  const badPaths = issues.filter((issue) => issue.code !== "bad-sweep-path" || !followsFrom(issue, ownIssues));
  const [first, ...further] = pointsWithNewValues(space, document);
  if (axes.length === 0 || first === undefined) return { issues: [...ownIssues, ...badPaths] };
  const firstDocument = documentAt(document, first.point);
  const result = experimentSchema.safeParse(firstDocument);
  const firstIssues = result.success ? [] : explainIssues(result.error.issues, placeOfExperiment(firstDocument));
  const stillWrong = [...issuesLeft(ownIssues, firstIssues, axes), ...badPaths];
  if (result.success && stillWrong.length === 0) return { spec: result.data };
  const ofConfigurations: readonly ConfigurationIssue[] = [
    ...firstIssues.map((issue) => ({ issue, ...first })),
    ...further.flatMap((configuration) => checkConfiguration(document, configuration)),
  ];
  return { issues: [...stillWrong, ...issuesOfSweep(ofConfigurations, ownIssues)] };
}

/** A path that leads nowhere because a section on its way is wrong itself. */
function followsFrom({ path }: ExperimentIssue, ownIssues: readonly ExperimentIssue[]): boolean {
  const swept = readSweptPath(String(path.at(-1)), path);
  if ("fix" in swept) return false;
  return ownIssues.some((own) => own.path.length > 0 && isAtOrBelow(swept.path, own.path));
}

/** Few points in which each swept value is met: each has one that no earlier point had. */
function pointsWithNewValues(space: SweepSpace, document: YamlValue) {
  const found: { readonly point: SweepPoint; readonly newChoices: readonly Choice[] }[] = [];
  const seen = new Set<Choice>();
  let count = 0;
  for (const point of sweepPoints(space, document)) {
    const newChoices = point.filter((choice) => !seen.has(choice));
    if (newChoices.length > 0 || found.length === 0) found.push({ point, newChoices });
    for (const choice of newChoices) seen.add(choice);
    if (++count === maxPointCount) break;
  }
  return found;
}

/** Checks the sections that a configuration's new values are in. */
function checkConfiguration(
  document: YamlValue,
  { point, newChoices }: Omit<ConfigurationIssue, "issue">,
): readonly ConfigurationIssue[] {
  const configuration = documentAt(document, point);
  const sections = new Set<SectionName>(newChoices.map(({ axis }) => axis.section));
  return [...sections].flatMap((section) => {
    const result = parseSection(section, readAtPath(configuration, [section]));
    return "issues" in result ? result.issues.map((issue) => ({ issue, point, newChoices })) : [];
  });
}

/** What the swept values don't mend: issues that are still there, and wrong values that a swept one only covers. */
function issuesLeft(
  ownIssues: readonly ExperimentIssue[],
  firstIssues: readonly ExperimentIssue[],
  axes: readonly SweepAxis[],
): readonly ExperimentIssue[] {
  const remaining = new Set(firstIssues.map(identityOf));
  return ownIssues.filter((issue) => {
    const isCovered = axes.some(({ path }) => isAtOrBelow(issue.path, path));
    return remaining.has(identityOf(issue)) || (isCovered && !issue.code.startsWith("missing-"));
  });
}

/** The issues that only come with swept values, at those values. */
function issuesOfSweep(
  ofConfigurations: readonly ConfigurationIssue[],
  ownIssues: readonly ExperimentIssue[],
): readonly ExperimentIssue[] {
  const own = new Set(ownIssues.map(identityOf));
  const ownPaths = new Set(ownIssues.map(({ path }) => formatPath(path)));
  return ofConfigurations
    .filter(({ issue }) => !own.has(identityOf(issue)))
    .map((found) => ({ ...found.issue, path: sweptPlace(found) }))
    .filter(({ path }) => !ownPaths.has(formatPath(path)));
}

/** Where an issue of a configuration stands in the document: at the swept value that causes it, if one does. */
function sweptPlace({ issue: { code, path }, point, newChoices }: ConfigurationIssue): DocumentPath {
  const candidates = [...newChoices, ...point];
  const choice =
    candidates.find(({ axis }) => isAtOrBelow(path, axis.path)) ??
    candidates.find(({ axis }) => isAtOrBelow(axis.path, path));
  if (choice === undefined || path.length === 0) return path;
  const { axis, place } = choice;
  if (code.startsWith("unknown-") && path.length <= axis.path.length) return axis.keyPlace;
  return axis.isDrawn ? place : [...place, ...path.slice(axis.path.length)];
}

function identityOf({ code, path, message }: ExperimentIssue): string {
  return `${code} ${formatPath(path)} ${message}`;
}
