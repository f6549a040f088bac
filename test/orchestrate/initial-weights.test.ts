import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { objectKeys, trialFiles } from "../../src/contract/object-keys.ts";
import { loadPlan } from "../../src/orchestrate/load-plan.ts";
import { recordFinished } from "../../src/record/ledger.ts";
import { loadTrialWeights } from "../../src/record/load-weights.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { createRun } from "../../src/record/run-store.ts";
import { encodeSafetensors } from "../../src/record/safetensors.ts";
import type { Store } from "../../src/record/store.ts";
import { formatPath } from "../../src/spec/issue.ts";
import { writeDigitFolder } from "../cli/digit-folder.ts";
import { attemptTrial } from "../trainer/run-trial.ts";
import type { TinyRun } from "../trainer/tiny-run.ts";

const code = { packageVersion: "0.0.0", resultsVersion: 1 };
const layers =
  "[{conv2d: {name: stem, filters: 3, kernelSize: 3}}, batchNormalization, flatten, {dense: {name: head, units: 4, activation: softmax}}]";

function experimentFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-weights-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeDigitFolder(path.join(folder, "digits"), { train: 60, test: 30 });
  return folder;
}

function writeExperiment(folder: string, name: string, model: string): string {
  const file = path.join(folder, `${name}.yaml`);
  const data = "data: {dataset: {format: idx, folder: digits}}";
  writeFileSync(file, `name: ${name}\n${data}\nmodel:\n  ${model}\ntraining: {epochs: 1, batchSize: 20}\n`);
  return file;
}

async function planRun(file: string, store: Store): Promise<TinyRun> {
  const loaded = await loadPlan(file, code, { store });
  if ("issues" in loaded) throw new Error(JSON.stringify(loaded.issues, null, 2));
  const { plan, dataRoot } = loaded;
  const seeded = (count: number) => new Uint8Array(count);
  // Trials of the same id are trained in each run.
  const { runId } = await createRun(store, {
    plan,
    experimentFile: file,
    now: () => new Date(0),
    randomBytes: seeded,
    ignoresLedger: true,
  });
  const run = objectKeys.run(plan.experiment, runId);
  const trialKey = (index: number) => objectKeys.trial(run, plan.trials[index]?.id ?? "");
  return { plan, planKey: objectKeys.plan(run), dataRoot, store, trialKey };
}

/** A finished trial of the experiment `teacher`. */
async function trainTeacher(folder: string, store: Store): Promise<TinyRun> {
  const teacher = await planRun(writeExperiment(folder, "teacher", `layers: ${layers}`), store);
  expect(await attemptTrial(teacher)).toEqual({ type: "finished" });
  const trialId = teacher.plan.trials[0]?.id;
  const runId = teacher.planKey.split("/").at(-2) ?? "";
  if (trialId) await recordFinished(store, { schemaVersion: 1, trialId, experiment: "teacher", runId });
  return teacher;
}

async function weightsOf(run: TinyRun) {
  const weights = await loadTrialWeights(run.store, run.trialKey(0));
  if ("problem" in weights) throw new Error(weights.problem);
  return weights.tensors;
}

// The same network with all layers but the last one frozen.
const still = (initialWeights: string) =>
  `initialWeights: ${initialWeights}\n  layers: ${layers.replaceAll("}},", ", trainable: false}},").replace("batchNormalization,", "{batchNormalization: {trainable: false}},")}`;

describe("a model that starts from a finished trial's weights", () => {
  test("has them, by the trial's id or by its experiment, and so it has from a file that they were exported to", async () => {
    const [folder, store] = [experimentFolder(), new MemoryStore()];
    const teacher = await trainTeacher(folder, store);
    const taught = await weightsOf(teacher);
    writeFileSync(path.join(folder, "taught.safetensors"), encodeSafetensors(taught));
    const references = [
      `{trial: ${teacher.plan.trials[0]?.id}}`,
      "{trial: teacher}",
      "{trial: 'teacher:best'}",
      "{file: taught.safetensors}",
    ];

    const plans = [];
    for (const [index, reference] of references.entries()) {
      const student = await planRun(writeExperiment(folder, `student-${index}`, still(reference)), store);
      expect(await attemptTrial(student)).toEqual({ type: "finished" });
      const frozen = (await weightsOf(student)).filter(({ name }) => !name.startsWith("head/"));
      expect(frozen).toEqual(taught.filter(({ name }) => !name.startsWith("head/")));
      plans.push(student.plan);
    }

    expect(new Set(plans.map(({ planId }) => planId)).size).toBe(1);
  });

  test("is not trained if the weights have changed since it was planned", async () => {
    const [folder, store] = [experimentFolder(), new MemoryStore()];
    const taught = await weightsOf(await trainTeacher(folder, store));
    const file = path.join(folder, "w.safetensors");
    writeFileSync(file, encodeSafetensors(taught));
    const student = await planRun(
      writeExperiment(folder, "student", `initialWeights: {file: w.safetensors}\n  layers: ${layers}`),
      store,
    );
    writeFileSync(file, encodeSafetensors(taught.map((tensor) => ({ ...tensor, values: tensor.values.map(() => 1) }))));

    const outcome = await attemptTrial(student);

    expect(outcome).toMatchObject({
      failure: {
        kind: "user",
        reason: expect.stringMatching(/^the initial weights of w\.safetensors have changed since the run was planned/),
      },
    });
  });
});

describe("weights that can't be had are an issue where they are named", () => {
  const issuesOf = async (initialWeights: string, prepare: (folder: string, store: Store) => Promise<void> | void) => {
    const [folder, store] = [experimentFolder(), new MemoryStore()];
    await prepare(folder, store);
    const model = `initialWeights: ${initialWeights}\n  layers: ${layers}`;
    const loaded = await loadPlan(writeExperiment(folder, "student", model), code, { store });
    return "issues" in loaded
      ? loaded.issues.map(({ path, message, position }) => `${position?.line} ${formatPath(path)}: ${message}`)
      : [];
  };

  test.each<[string, string, RegExp]>([
    [
      "a file that is not there",
      "{file: no.safetensors}",
      /^4 model\.initialWeights\.file: no\.safetensors: there is no such file/,
    ],
    ["a folder", "{file: digits}", /this is a folder/],
    ["a file that is something else", "{file: student.yaml}", /student\.yaml: its header would have/],
    [
      "an experiment that was never run",
      "{trial: nobody}",
      /^4 model\.initialWeights\.trial: trial nobody: there is no run of "nobody" in memory/,
    ],
    ["a trial that nobody finished", `{trial: ${"ab".repeat(10)}}`, /no finished trial with this id/],
  ])("%s", async (_, reference, message) => {
    expect(await issuesOf(reference, () => undefined)).toEqual([expect.stringMatching(message)]);
  });

  test("a trial that is not finished", async () => {
    const issues = await issuesOf("{trial: teacher}", async (folder, store) => {
      await planRun(writeExperiment(folder, "teacher", `layers: ${layers}`), store);
    });

    expect(issues).toEqual([expect.stringMatching(/no configuration is ranked yet/)]);
  });

  test("a record whose saved model was deleted", async () => {
    const issues = await issuesOf("{trial: teacher}", async (folder, store) => {
      const teacher = await trainTeacher(folder, store);
      await store.delete(`${teacher.trialKey(0)}/${trialFiles.modelWeights}`);
    });

    expect(issues).toEqual([expect.stringMatching(/its saved model is missing/)]);
  });
});
