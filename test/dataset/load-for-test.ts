import { basename } from "node:path";
import { assert } from "vitest";
import type { Dataset, PixelExamples } from "../../src/dataset/dataset.ts";
import { type DatasetProblem, formatDatasetProblem } from "../../src/dataset/dataset-problem.ts";
import { loadDataset, loadManifest } from "../../src/dataset/open-dataset.ts";
import type { Data } from "../../src/spec/schema/data.ts";

/** A data set whose images lie in memory as pixels. */
export interface PixelDataset extends Dataset {
  readonly train: PixelExamples;
  readonly test: PixelExamples;
}

/** Loads a data set in which nothing may be wrong. */
export async function loadGood(spec: Data["dataset"], root = "/"): Promise<PixelDataset> {
  const loaded = await loadDataset(spec, root);
  if ("problems" in loaded) assert.fail(loaded.problems.map(formatDatasetProblem).join("\n"));
  const { train, test } = loaded.dataset;
  assert("images" in train && "images" in test, "the images are encoded");
  return { ...loaded.dataset, train, test };
}

/** Everything that is wrong with a data set; describing and loading it must say the same. */
export async function problemsOf(spec: Data["dataset"], root = "/"): Promise<readonly DatasetProblem[]> {
  const described = await loadManifest(spec, root);
  assert("problems" in described, "the data set was accepted");
  assert.deepEqual(await loadDataset(spec, root), described);
  return described.problems;
}

/** Each problem as `code file name`, in order. */
export function summarise(problems: readonly DatasetProblem[]): readonly string[] {
  return problems.map((problem) => `${problem.code} ${basename(problem.file)}`);
}
