import { readWithBases } from "./extend-experiment.ts";
import { locateIssues } from "./locate-issues.ts";
import { checkReading, type ParsedExperiment } from "./parse-experiment.ts";
import type { YamlReading } from "./read-yaml.ts";
import { applySettings, findShadowedSettings, type SetDocument } from "./settings.ts";
import { representativeSample } from "./sweep/read-draws.ts";
import { readSweep } from "./sweep/read-sweep.ts";

/** What changes an experiment besides its file. */
export interface ExperimentChanges {
  /** Values of `--set` flags, each `path=value`. */
  readonly settings?: readonly string[];
}

/**
 * Reads an experiment from a file and the files that it extends, sets what the command line sets, and checks it.
 * @param path the file; shown in messages as it is given
 * @returns a file that can't be read is an issue like any other mistake
 */
export async function loadExperiment(path: string, changes: ExperimentChanges = {}): Promise<ParsedExperiment> {
  const reading = await readWithBases(path);
  const set = reading.content && applySettings(reading.content, changes.settings ?? []);
  if (set === undefined) return { issues: reading.issues };
  return withIssuesOfSettings(checkReading(toReading(reading, set), path), set);
}

function toReading({ issues }: YamlReading, set: SetDocument): YamlReading {
  return { content: set.content, issues: [...issues, ...set.issues] };
}

function withIssuesOfSettings(checked: ParsedExperiment, { applied }: SetDocument): ParsedExperiment {
  if ("issues" in checked || applied.length === 0) return checked;
  const { axes } = readSweep(checked.experiment.document, representativeSample);
  const shadowed = findShadowedSettings(applied, axes);
  return shadowed.length === 0 ? checked : { issues: locateIssues(shadowed, checked.source) };
}
