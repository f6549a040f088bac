import { readFileSync } from "node:fs";
import path from "node:path";
import type { DataManifest } from "../../src/dataset/data-manifest.ts";
import { canonicalJson } from "../../src/plan/canonical-json.ts";
import type { Data } from "../../src/spec/schema/data.ts";

/** Name of the file, below the experiments' folder, that says what is in data sets. */
export const factsFile = "datasets.json";

/** What is known about the data sets of a project, whatever is on this machine. */
export interface DatasetFacts {
  /** @param folder of the experiment file that names the data set */
  of(spec: Data["dataset"], folder: string): DataManifest | undefined;
}

/** One data set of the file. */
export interface DatasetFact {
  /** As an experiment names it, a folder relative to the project. */
  readonly dataset: Data["dataset"];
  readonly manifest: DataManifest;
}

/** A data set as the facts name it: the same from whichever experiment file. */
export function placeInProject(spec: Data["dataset"], folder: string, project: string): Data["dataset"] {
  if (typeof spec === "string") return spec;
  const relative = path.relative(project, path.resolve(folder, spec.folder));
  return { ...spec, folder: relative.split(path.sep).join("/") };
}

/**
 * Reads the facts of a project's data sets.
 * @param project the project's folder
 * @returns none if there is no such file
 * @throws SyntaxError if it is no JSON
 */
export function readDatasetFacts(project: string): DatasetFacts {
  const facts = readFacts(path.join(project, "experiments", factsFile));
  const byName = new Map(facts.map(({ dataset, manifest }) => [canonicalJson(dataset), manifest]));
  return { of: (spec, folder) => byName.get(canonicalJson(placeInProject(spec, folder, project))) };
}

function readFacts(file: string): readonly DatasetFact[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  // Written by lock-datasets.ts and held by its test: the shape need not be checked in depth.
  const content: unknown = JSON.parse(text);
  if (!isFacts(content)) throw new SyntaxError(`${file} has no "datasets"; \`npm run lock-data\` writes it`);
  return content.datasets;
}

function isFacts(content: unknown): content is { readonly datasets: readonly DatasetFact[] } {
  return typeof content === "object" && content !== null && "datasets" in content && Array.isArray(content.datasets);
}
