import { beforeAll, expect, test } from "vitest";
import { trialFiles } from "../../../../src/contract/object-keys.ts";
import type { Engine } from "../../../../trainer/engine/engine.ts";
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { attemptTrial, deterministicFiles } from "../../run-trial.ts";
import { interruptedSections } from "../../interrupted-sections.ts";
import { createTinyRun, type TinySections } from "../../tiny-run.ts";
import { describeNative, nativeFiles } from "./native-addon.ts";

let engine: Engine;

/** With dropout, validation, a partial last batch and frequent checkpoints. */
const sections: TinySections = {
  model:
    "[{conv2d: {filters: 3, kernelSize: 3, activation: relu}}, {maxPooling2d: {}}, flatten, {dropout: {rate: 0.2}}, {dense: {units: 4, activation: softmax}}]",
  training: "{epochs: 3, batchSize: 9, optimizer: {type: adam, learningRate: 0.01}, checkpoint: {everySteps: 2}}",
};

describeNative("a trial on the native engine", () => {
  beforeAll(async () => {
    engine = await createTensorflowEngine({ files: nativeFiles });
  });

  test("is recorded with engine, library, flags, and how its steps were computed", async () => {
    const run = await createTinyRun(sections);

    expect(await attemptTrial(run, { engine })).toEqual({ type: "finished" });

    const bytes = await run.store.get(`${run.trialKey(0)}/${trialFiles.environment}`);
    expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({
      engine: "tensorflow",
      engineVersion: expect.stringMatching(/^2\.21\.0\+steps\.2/),
      threads: 1,
      engineDetails: { device: "cpu", TF_NUM_INTEROP_THREADS: "1", steps: "compiled" },
    });
  });

  test("gives the same bytes when it is trained again", async () => {
    const [first, second] = [await createTinyRun(sections), await createTinyRun(sections)];

    for (const run of [first, second]) await attemptTrial(run, { engine });

    expect(await deterministicFiles(second)).toEqual(await deterministicFiles(first));
  });

  test.each(
    Object.entries(interruptedSections).flatMap(([name, each]) => [
      [name, "stop", each] as const,
      [name, "crash", each] as const,
    ]),
  )("with %s ends with the same bytes after any series of interruptions: %s", async (_, kind, each) => {
    const [whole, interrupted] = [await createTinyRun(each), await createTinyRun(each)];
    await attemptTrial(whole, { engine });

    for (const [index, after] of [1, 5, 3, 8, 2].entries()) {
      await attemptTrial(interrupted, { engine, attempt: index + 1, interruption: { kind, after } });
    }
    await attemptTrial(interrupted, { engine, attempt: 6 });

    expect(await deterministicFiles(interrupted)).toEqual(await deterministicFiles(whole));
  });

  test("leaves no tensor behind", async () => {
    const before = engine.tensorCount();

    await attemptTrial(await createTinyRun(sections), { engine });

    expect(engine.tensorCount()).toBe(before);
  });
});
