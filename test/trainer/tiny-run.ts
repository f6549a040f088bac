import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { objectKeys } from "../../src/contract/object-keys.ts";
import { loadManifest } from "../../src/dataset/open-dataset.ts";
import { listDatasets, planExperiment } from "../../src/plan/plan-experiment.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { createRun } from "../../src/record/run-store.ts";
import type { Store } from "../../src/record/store.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { writeDigitFolder } from "../cli/digit-folder.ts";

/** A planned run on a small generated data set: 8×8 images of four classes that are easy to tell apart. */
export interface TinyRun {
  readonly plan: Plan;
  readonly planKey: string;
  readonly dataRoot: string;
  readonly store: Store;
  /** Key of a trial's record. @param index index into `plan.trials` */
  trialKey(index: number): string;
}

/** The sections of a tiny experiment in YAML's flow style; what is left out has a small default. */
export interface TinySections {
  readonly model?: string;
  readonly training?: string;
  readonly evaluation?: string;
  readonly sweep?: string;
  readonly resources?: string;
  /** Fraction held out for validation; 0 = none. */
  readonly validation?: number;
  readonly train?: number;
  readonly test?: number;
  /** Further fields of `data:`, each with its value. */
  readonly data?: Readonly<Record<string, string>>;
  /** Makes the data set; absent = the folder `digits` in idx format. @returns value of `data.dataset` */
  readonly dataset?: (dataRoot: string) => Promise<string>;
}

const defaultModel =
  "[{conv2d: {filters: 3, kernelSize: 3, activation: relu}}, {maxPooling2d: {}}, flatten, {dense: {units: 4, activation: softmax}}]";

/** A folder that lives as long as the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-trainer-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Plans a tiny experiment and makes a run of it, ready for trainers. */
export async function createTinyRun(sections: TinySections = {}, store: Store = new MemoryStore()): Promise<TinyRun> {
  const dataRoot = temporaryFolder();
  writeDigitFolder(path.join(dataRoot, "digits"), { train: sections.train ?? 60, test: sections.test ?? 30 });
  const dataset = (await sections.dataset?.(dataRoot)) ?? "{format: idx, folder: digits}";
  const plan = await planYaml(experimentYaml(sections, dataset), dataRoot);
  const options = { plan, experimentFile: path.join(dataRoot, "tiny.yaml"), now: () => new Date(0) };
  const { runId } = await createRun(store, { ...options, randomBytes: (count) => new Uint8Array(count) });
  const run = objectKeys.run(plan.experiment, runId);
  const trialKey = (index: number): string => objectKeys.trial(run, plan.trials[index]?.id ?? "");
  return { plan, planKey: objectKeys.plan(run), dataRoot, store, trialKey };
}

function experimentYaml(sections: TinySections, dataset: string): string {
  const { validation = 0.2 } = sections;
  return [
    "name: tiny",
    "data:",
    `  dataset: ${dataset}`,
    ...(validation > 0 ? [`  validation: {fraction: ${validation}}`] : []),
    ...Object.entries(sections.data ?? {}).map(([field, value]) => `  ${field}: ${value}`),
    `model: {layers: ${sections.model ?? defaultModel}}`,
    `training: ${sections.training ?? "{epochs: 2, batchSize: 8}"}`,
    `evaluation: ${sections.evaluation ?? "{batchSize: 20}"}`,
    `sweep: ${sections.sweep ?? "{seeds: [7]}"}`,
    `resources: ${sections.resources ?? "{}"}`,
    "",
  ].join("\n");
}

async function planYaml(yaml: string, dataRoot: string): Promise<Plan> {
  const parsed = parseExperiment(yaml, "tiny.yaml");
  if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
  const known = [];
  for (const { spec } of listDatasets(parsed.experiment)) {
    const loaded = await loadManifest(spec, dataRoot);
    if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
    known.push({ spec, dataset: loaded.manifest });
  }
  const planned = planExperiment(parsed.experiment, known, { packageVersion: "0.0.0", resultsVersion: 1 });
  if ("issues" in planned) throw new Error(JSON.stringify(planned.issues));
  return planned.plan;
}
