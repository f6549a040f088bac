import { checkWithSweep } from "./check-sweep.ts";
import { placeOfExperiment } from "./expectation.ts";
import { explainIssues } from "./explain-issues.ts";
import { isAtOrBelow, type ExperimentIssue } from "./issue.ts";
import { locateIssues } from "./locate-issues.ts";
import { readYaml, type YamlReading } from "./read-yaml.ts";
import { experimentSchema, type ExperimentSpec, type YamlValue } from "./schema/experiment.ts";
import { createSourceMap, type SourceMap } from "./source-map.ts";

/** A checked experiment. */
export interface Experiment {
  /** File that it came from, as it is shown in messages. */
  readonly file: string;
  /** The experiment as written, without defaults: plain JSON, aliases and merge keys resolved. */
  readonly document: Readonly<Record<string, YamlValue>>;
  /**
   * The experiment with every default filled in. A field that the document leaves to the sweep has its first swept
   * value; the values of the grid are checked when the sweep is expanded.
   */
  readonly spec: ExperimentSpec;
}

/** A checked experiment and where its parts stand, or everything that is wrong with it in the order of the file. */
export type ParsedExperiment =
  | { readonly experiment: Experiment; readonly source: SourceMap }
  | { readonly issues: readonly ExperimentIssue[] };

/**
 * Checks the YAML text of an experiment that stands alone: `extends` is only followed by `loadExperiment`.
 * @param file name of the file as it is shown in messages
 * @returns issues all have a position; mistakes in the YAML itself hide others only if they make the rest unreadable
 */
export function parseExperiment(text: string, file: string): ParsedExperiment {
  return checkReading(readYaml(text, file), file);
}

/**
 * Checks an experiment that was read, from one file or put together from several.
 * @param file name of the experiment's own file as it is shown in messages
 */
export function checkReading({ content, issues: yamlIssues }: YamlReading, file: string): ParsedExperiment {
  if (content === undefined) return { issues: yamlIssues };
  const { value: document } = content;
  const source = createSourceMap(file, content.root);
  const checked = checkDocument(document);
  const ofContent = "issues" in checked ? checked.issues : [];
  const causes = yamlIssues.filter(({ code }) => code === "yaml-alias" || code === "yaml-merge").slice(0, maxCauses);
  const issues = [...yamlIssues, ...ofContent.filter((issue) => !followsFrom(issue, causes))];
  if (issues.length > 0 || "issues" in checked || !isMap(document)) return { issues: locateIssues(issues, source) };
  return { experiment: { file, document, spec: checked.spec }, source };
}

function checkDocument(
  document: YamlValue,
): { readonly spec: ExperimentSpec } | { readonly issues: readonly ExperimentIssue[] } {
  const result = experimentSchema.safeParse(document);
  if (result.success) return { spec: result.data };
  return checkWithSweep(document, explainIssues(result.error.issues, placeOfExperiment(document)));
}

/** More are an attack on the time it takes to compare them with all other issues. */
const maxCauses = 100;

/** Whether an issue only says that something is absent which an alias or a merge failed to bring. */
function followsFrom({ code, path }: ExperimentIssue, causes: readonly ExperimentIssue[]): boolean {
  return causes.some((cause) => {
    if (cause.path.at(-1) !== "<<") return isAtOrBelow(path, cause.path);
    return code.startsWith("missing-") && isAtOrBelow(path, cause.path.slice(0, -1));
  });
}

function isMap(value: YamlValue): value is Record<string, YamlValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
