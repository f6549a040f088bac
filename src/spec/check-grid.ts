import { explainIssues } from "./explain-issues.ts";
import { homesOf } from "./explain-unknown-key.ts";
import { placeOfExperiment } from "./expectation.ts";
import { formatPath, isAtOrBelow, type DocumentPath, type ExperimentIssue } from "./issue.ts";
import { nearestName } from "./nearest-name.ts";
import { parseSection, type SectionName } from "./parse-section.ts";
import { configurationSections, experimentSchema, type ExperimentSpec, type YamlValue } from "./schema/experiment.ts";
import { parseSweepPath, readAtPath, setAtPath } from "./sweep-path.ts";

/** A field that is swept. */
interface SweptField {
  /** The path as it is written in the grid. */
  readonly text: string;
  readonly path: DocumentPath;
  readonly section: SectionName;
  readonly values: readonly YamlValue[];
}

const sectionNames: readonly string[] = Object.keys(configurationSections);

/** An issue of a configuration, and which value of which field it comes with if it is not the first. */
interface ConfigurationIssue {
  readonly issue: ExperimentIssue;
  readonly indexes: ReadonlyMap<SweptField, number>;
}

const firstValues: ConfigurationIssue["indexes"] = new Map();

/**
 * Checks a document that is not valid by itself with the values of its grid put in: what is missing may be swept.
 * @param ownIssues what is wrong with the document without its grid
 * @returns the first configuration, or everything that is wrong with the document and with each swept value alone
 */
export function checkWithGrid(
  document: YamlValue,
  ownIssues: readonly ExperimentIssue[],
): { readonly spec: ExperimentSpec } | { readonly issues: readonly ExperimentIssue[] } {
  const { first, fields, issues: badPaths } = placeFirstValues(document, ownIssues);
  if (fields.length === 0) return { issues: [...ownIssues, ...badPaths] };
  const result = experimentSchema.safeParse(first);
  const firstIssues = result.success ? [] : explainIssues(result.error.issues, placeOfExperiment(first));
  const stillWrong = [...issuesLeft(ownIssues, firstIssues, fields), ...badPaths];
  if (result.success && stillWrong.length === 0) return { spec: result.data };
  const ofConfigurations: readonly ConfigurationIssue[] = [
    ...firstIssues.map((issue) => ({ issue, indexes: firstValues })),
    ...fields.flatMap((field) => checkFurtherValues(first, field)),
  ];
  return { issues: [...stillWrong, ...issuesOfGrid(ofConfigurations, ownIssues, fields)] };
}

/** What the swept values don't mend: issues that are still there, and wrong values that a swept one only covers. */
function issuesLeft(
  ownIssues: readonly ExperimentIssue[],
  firstIssues: readonly ExperimentIssue[],
  fields: readonly SweptField[],
): readonly ExperimentIssue[] {
  const remaining = new Set(firstIssues.map(identityOf));
  return ownIssues.filter((issue) => {
    const isCovered = fields.some(({ path }) => isAtOrBelow(issue.path, path));
    return remaining.has(identityOf(issue)) || (isCovered && !issue.code.startsWith("missing-"));
  });
}

/** The issues that only come with swept values, at those values. */
function issuesOfGrid(
  ofConfigurations: readonly ConfigurationIssue[],
  ownIssues: readonly ExperimentIssue[],
  fields: readonly SweptField[],
): readonly ExperimentIssue[] {
  const own = new Set(ownIssues.map(identityOf));
  const ownPaths = new Set(ownIssues.map(({ path }) => formatPath(path)));
  return ofConfigurations
    .filter(({ issue }) => !own.has(identityOf(issue)))
    .map(({ issue, indexes }) => ({ ...issue, path: gridPath(issue, fields, indexes) }))
    .filter(({ path }) => !ownPaths.has(formatPath(path)));
}

/** Puts the first value of every swept field into its place. What is not written as a grid is passed over. */
function placeFirstValues(document: YamlValue, ownIssues: readonly ExperimentIssue[]) {
  const issues: ExperimentIssue[] = [];
  const fields: SweptField[] = [];
  let first = document;
  for (const [text, values] of gridEntries(document)) {
    const field = readField(text, values);
    if ("fix" in field) {
      issues.push(field);
      continue;
    }
    const changed = setAtPath(first, field.path, field.values[0] ?? null);
    if ("document" in changed) {
      fields.push(field);
      first = changed.document;
    } else if (!ownIssues.some(({ path }) => path.length > 0 && isAtOrBelow(field.path, path)))
      issues.push(badPath(text, changed.problem, "name a field of this experiment"));
  }
  return { first, fields, issues };
}

function gridEntries(document: YamlValue): readonly (readonly [string, readonly YamlValue[]])[] {
  const grid = readAtPath(document, ["sweep", "grid"]);
  if (typeof grid !== "object" || grid === null || Array.isArray(grid)) return [];
  return Object.entries(grid).flatMap(([text, values]: [string, unknown]) =>
    isYamlList(values) && values.length > 0 ? [[text, values] as const] : [],
  );
}

function readField(text: string, values: readonly YamlValue[]): SweptField | ExperimentIssue {
  const parsed = parseSweepPath(text);
  if ("problem" in parsed) return badPath(text, parsed.problem, "write a path as `training.optimizer.learningRate`");
  const { path } = parsed;
  const [section] = path;
  if (isSectionName(section)) return { text, path, section, values };
  const allowed = `a swept path starts with ${sectionNames.slice(0, -1).join(", ")} or ${sectionNames.at(-1)}`;
  return badPath(text, `got "${section}", but ${allowed}`, suggestPath(path));
}

/** The path with its section corrected, or the whole path of a field of this name. */
function suggestPath(path: DocumentPath): string {
  const section = nearestName(String(path[0]), sectionNames);
  if (section !== undefined) return `did you mean \`${formatPath([section, ...path.slice(1)])}\`?`;
  const home = homesOf(String(path.at(-1))).find(({ path: [first] }) => isSectionName(first));
  if (home === undefined) return "sweep a field of one of these sections";
  return `did you mean \`${formatPath([...home.path, home.field])}\`?`;
}

/** Checks all values of a field but the first, each with the first values of the other fields. */
function checkFurtherValues(first: YamlValue, field: SweptField): readonly ConfigurationIssue[] {
  return field.values.slice(1).flatMap((value, index) => {
    const changed = setAtPath(first, field.path, value);
    if ("problem" in changed) return [];
    const result = parseSection(field.section, readAtPath(changed.document, [field.section]));
    const indexes = new Map([[field, index + 1]]);
    return "issues" in result ? result.issues.map((issue) => ({ issue, indexes })) : [];
  });
}

/** Where an issue of a configuration stands in the document: at the swept value that causes it, if one does. */
function gridPath(
  { code, path }: ExperimentIssue,
  fields: readonly SweptField[],
  indexes: ReadonlyMap<SweptField, number>,
): DocumentPath {
  const candidates = indexes.size > 0 ? [...indexes.keys(), ...fields] : fields;
  const field =
    candidates.find((candidate) => isAtOrBelow(path, candidate.path)) ??
    candidates.find((candidate) => isAtOrBelow(candidate.path, path));
  if (field === undefined || path.length === 0) return path;
  const gridKey = ["sweep", "grid", field.text];
  if (code.startsWith("unknown-") && path.length <= field.path.length) return gridKey;
  return [...gridKey, indexes.get(field) ?? 0, ...path.slice(field.path.length)];
}

function badPath(text: string, message: string, fix: string): ExperimentIssue {
  return { code: "bad-sweep-path", path: ["sweep", "grid", text], message, fix };
}

function identityOf({ code, path, message }: ExperimentIssue): string {
  return `${code} ${formatPath(path)} ${message}`;
}

function isSectionName(name: unknown): name is SectionName {
  return typeof name === "string" && sectionNames.includes(name);
}

function isYamlList(value: unknown): value is readonly YamlValue[] {
  return Array.isArray(value);
}
