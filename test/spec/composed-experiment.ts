import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { formatPath, type ExperimentIssue } from "../../src/spec/issue.ts";
import { loadExperiment } from "../../src/spec/load-experiment.ts";
import type { ParsedExperiment } from "../../src/spec/parse-experiment.ts";
import { takeMarks } from "./written-experiment.ts";

/** Texts of files by their paths in a project; ▶ marks places that are asked for later. */
export type Files = Readonly<Record<string, string>>;

/** What loading the first file of a project gave; paths in messages are those in the project. */
export interface Composed {
  readonly result: ParsedExperiment;
  /** Where the marks stood: `file:line:column`. */
  readonly marks: readonly string[];
}

/** A valid base: everything that an experiment needs but its name. */
export const base = `data: { dataset: mnist }
model:
  layers:
    - flatten
    - dense: { units: 10, activation: softmax }
training:
  epochs: 5
  optimizer: { type: sgd, momentum: 0.9 }
`;

/** Writes files into a new project (a folder with package.json), and loads the first of them. */
export async function compose(files: Files, settings: readonly string[] = []): Promise<Composed> {
  const folder = await mkdtemp(path.join(tmpdir(), "nightsweep-compose-"));
  try {
    const marks: string[] = [];
    for (const [name, marked] of Object.entries({ ...files, "package.json": "{}" })) {
      const taken = takeMarks(marked);
      marks.push(...taken.marks.map(({ line, column }) => `${name}:${line}:${column}`));
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), taken.text);
    }
    const result = await loadExperiment(path.join(folder, Object.keys(files)[0] ?? ""), { settings });
    return { result: withoutFolder(result, folder), marks };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function withoutFolder(result: ParsedExperiment, folder: string): ParsedExperiment {
  if ("experiment" in result) return result;
  return {
    issues: JSON.parse(JSON.stringify(result.issues).replaceAll(`${folder}${path.sep}`, "")) as ExperimentIssue[],
  };
}

/** The document of an experiment that is valid. */
export async function documentOf(files: Files, settings: readonly string[] = []): Promise<Record<string, unknown>> {
  const { result } = await compose(files, settings);
  if ("issues" in result) throw new Error(JSON.stringify(result.issues, null, 2));
  return result.experiment.document;
}

/** Issues as `place path: message → fix`. */
export async function issuesOf(files: Files, settings: readonly string[] = []) {
  const { result, marks } = await compose(files, settings);
  const issues = "issues" in result ? result.issues : [];
  const lines = issues.map(({ position, path, message, fix }) => ({
    at: position?.isSetting ? position.file : `${position?.file}:${position?.line}:${position?.column}`,
    path: formatPath(path),
    message,
    fix,
  }));
  return { issues: lines, marks };
}
