import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { trialFiles } from "../../../../src/contract/object-keys.ts";
import type { Engine } from "../../../../trainer/engine/engine.ts";
import { CompiledSteps } from "../../../../trainer/engine/tensorflow/compiled-steps.ts";
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { createWasmEngine } from "../../../../trainer/engine/wasm-engine.ts";
import { attemptTrial, deterministicFiles } from "../../run-trial.ts";
import { interruptedSections } from "../../interrupted-sections.ts";
import { createTinyRun, type TinyRun, type TinySections } from "../../tiny-run.ts";
import { describeNative, nativeFiles } from "./native-addon.ts";

let engine: Engine;
afterEach(() => vi.restoreAllMocks());

/** Ways to train that remember something of each kind; 48 images in batches of 9 with a checkpoint every 2 steps: single steps and series take turns. */
const trainings = [
  "adam and a cosine with restarts",
  "adagrad and an exponential schedule",
  "batch normalisation, noise, augmentation, averages and adamw",
  "early stopping, a plateau and rmsprop",
].map((name) => [name, { ...interruptedSections[name], data: { scale: "standardize" } }] as const);

const plain = "{epochs: 2, batchSize: 5, optimizer: {type: sgd}}";

/** Trains with so many steps a call. */
async function trained(sections: TinySections, stepsPerCall: number, on: Engine = engine): Promise<TinyRun> {
  const run = await createTinyRun({ ...sections, resources: `{stepsPerCall: ${stepsPerCall}}` });
  const outcome = await attemptTrial(run, { engine: on });
  if (outcome.type !== "finished") throw new Error(JSON.stringify(outcome));
  return run;
}

async function stepsOf(run: TinyRun): Promise<unknown> {
  const bytes = await run.store.get(`${run.trialKey(0)}/${trialFiles.environment}`);
  const { engineDetails }: { engineDetails?: { steps?: unknown } } = JSON.parse(new TextDecoder().decode(bytes));
  return engineDetails?.steps;
}

describeNative("several steps in one call", () => {
  beforeAll(async () => {
    engine = await createTensorflowEngine({ files: nativeFiles });
  });

  test.each(trainings)("give the bytes of single steps: %s", async (_, sections) => {
    const calls = vi.spyOn(CompiledSteps.prototype, "trainSeries");
    const single = await trained(sections, 1);
    expect(calls).not.toHaveBeenCalled();

    const series = await trained(sections, 2);

    expect(calls).toHaveBeenCalled();
    expect(await deterministicFiles(series)).toEqual(await deterministicFiles(single));
    expect(await stepsOf(single)).toBe("compiled");
    expect(await stepsOf(series)).toBe("compiled, 2 steps a call");
  });

  test("leave nothing behind for the next trial, which takes over what was compiled", async () => {
    const [, sections] = trainings[0] ?? [];
    if (sections === undefined) throw new Error("unreachable: there are trainings");
    const series = await trained(sections, 2);

    const single = await trained(sections, 1);

    expect(await deterministicFiles(single)).toEqual(await deterministicFiles(series));
    expect(await stepsOf(single)).toBe("compiled");
  });

  test("go on after an interruption with the same bytes", async () => {
    const data = { preprocess: "[{resize: {height: 10, width: 9}}]" };
    const sections = { data, training: "{epochs: 3, batchSize: 5}", resources: "{stepsPerCall: 3}" };
    const [whole, interrupted] = [await createTinyRun(sections), await createTinyRun(sections)];
    await attemptTrial(whole, { engine });

    for (const [index, after] of [2, 1, 4].entries())
      await attemptTrial(interrupted, { engine, attempt: index + 1, interruption: { kind: "stop", after } });
    await attemptTrial(interrupted, { engine, attempt: 4 });

    expect(await deterministicFiles(interrupted)).toEqual(await deterministicFiles(whole));
  });

  test.each([
    ["augmented images", { data: { augment: "[{flip: horizontal}]" } }, "images are augmented anew in every epoch"],
    ["few images", { train: 20 }, "an epoch has fewer full batches than that"],
  ] as const)("are done one by one with %s, and the record says so", async (_, more, reason) => {
    const run = await trained({ training: plain, ...more }, 4);

    expect(await stepsOf(run)).toBe(`compiled; one step a call: ${reason}`);
  });

  test("are done one by one where steps are not compiled", async () => {
    const eager = await createTensorflowEngine({ files: nativeFiles, compiles: false });

    const run = await trained({ training: plain }, 4, eager);

    expect(await stepsOf(run)).toBe(
      "eager: it was switched off; one step a call: steps are not compiled: it was switched off",
    );
  });
});

test("the embedded engine does one step a call whatever is wished", async () => {
  const wasm = await createWasmEngine();
  const sections = { training: plain };
  const [single, series] = [await trained(sections, 1, wasm), await trained(sections, 4, wasm)];

  expect(await deterministicFiles(series)).toEqual(await deterministicFiles(single));
  expect(await stepsOf(series)).toBe("one step a call: the engine has no other way");
});
