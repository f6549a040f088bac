import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trialFiles } from "../../src/contract/object-keys.ts";
import { listCheckpoints } from "../../src/record/checkpoint-store.ts";
import { writeDigitFolder } from "../cli/digit-folder.ts";
import { createWasmEngine } from "../../trainer/engine/wasm-engine.ts";
import {
  type AttemptOptions,
  attemptTrial,
  deterministicFiles,
  loadEpochs,
  loadLines,
  loadResult,
} from "./run-trial.ts";
import { FakeClock } from "./fake-clock.ts";
import { observedEngine } from "./interrupted-engine.ts";
import { createTinyRun, type TinyRun, type TinySections } from "./tiny-run.ts";

describe("a trained trial", () => {
  test("has learned what its training examples show", async () => {
    const run = await createTinyRun({
      training: "{epochs: 12, batchSize: 8, optimizer: {type: adam, learningRate: 0.02}}",
    });

    const outcome = await attemptTrial(run);

    expect(outcome).toEqual({ type: "finished" });
    const epochs = await loadEpochs(run);
    expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0]?.loss ?? 0) / 2);
    expect((await loadResult(run)).test.accuracy).toBeGreaterThan(0.9);
  });

  test("gives the same bytes when it is trained again", async () => {
    const [first, second] = [await createTinyRun(everything), await createTinyRun(everything)];

    await attemptTrial(first);
    await attemptTrial(second);

    expect(await deterministicFiles(second)).toEqual(await deterministicFiles(first));
  });

  test("gives other weights with another seed", async () => {
    const run = await createTinyRun({ sweep: "{seeds: [1, 2]}" });

    await attemptTrial(run, { trialIndex: 0 });
    await attemptTrial(run, { trialIndex: 1 });

    const [first, second] = [await deterministicFiles(run, 0), await deterministicFiles(run, 1)];
    expect(first[trialFiles.modelTopology]).toBe(second[trialFiles.modelTopology]);
    expect(first[trialFiles.modelWeights]).not.toBe(second[trialFiles.modelWeights]);
  });

  test("is tested as it was saved: the last epoch's test figures come from the model in memory and are the same", async () => {
    const run = await createTinyRun({ evaluation: "{test: everyEpoch, batchSize: 20}" });

    await attemptTrial(run);

    const { test: tested } = await loadResult(run);
    expect((await loadEpochs(run)).at(-1)?.test).toEqual({ loss: tested.loss, accuracy: tested.accuracy });
  });

  test("is left as it is when it is run again", async () => {
    const run = await createTinyRun();
    await attemptTrial(run);
    const files = await deterministicFiles(run);

    const outcome = await attemptTrial(run, { interruption: { after: 0, kind: "crash" } });

    expect(outcome).toEqual({ type: "finished" });
    expect(await deterministicFiles(run)).toEqual(files);
  });
});

describe("the metrics of a trial", () => {
  test("have a line for each epoch with figures over its examples", async () => {
    const run = await createTinyRun({
      training: "{epochs: 2, batchSize: 9, optimizer: {type: sgd, learningRate: 0.05}}",
    });

    await attemptTrial(run);

    // 48 of 60 examples are learned from: 6 steps an epoch.
    expect(await loadLines(run)).toMatchObject([
      { kind: "epoch", epoch: 1, step: 6, learningRate: 0.05, validation: {} },
      { kind: "epoch", epoch: 2, step: 12, learningRate: 0.05, validation: {} },
    ]);
  });

  test("have a line for every few steps if asked for, the epoch's line being their mean", async () => {
    const run = await createTinyRun({ validation: 0, training: "{epochs: 1, batchSize: 15, logEverySteps: 2}" });

    await attemptTrial(run);

    const [first, second, epoch] = await loadLines(run);
    expect([first, second, epoch]).toMatchObject([{ step: 2 }, { step: 4 }, { kind: "epoch", step: 4 }]);
    expect(epoch?.loss).toBeCloseTo(((first?.loss ?? 0) + (second?.loss ?? 0)) / 2, 12);
  });

  test("end within an epoch if the budget is in steps", async () => {
    const run = await createTinyRun({ validation: 0, training: "{steps: 5, batchSize: 20}" });

    await attemptTrial(run);

    expect(await loadEpochs(run)).toMatchObject([
      { epoch: 1, step: 3 },
      { epoch: 2, step: 5 },
    ]);
    expect(await loadResult(run)).toMatchObject({ epochs: 2, steps: 5, testedEpoch: 2 });
  });

  test("show the learning rate falling with its schedule", async () => {
    const run = await createTinyRun({
      training:
        "{epochs: 3, batchSize: 20, optimizer: {type: sgd, learningRate: 0.1}, learningRateSchedule: {type: step, everyEpochs: 2, factor: 0.5}}",
    });

    await attemptTrial(run);

    expect((await loadEpochs(run)).map(({ learningRate }) => learningRate)).toEqual([0.1, 0.1, 0.05]);
  });
});

test("with keepBest, the weights of the best epoch on the validation examples are tested and saved", async () => {
  // Learning that fast, the network gets worse now and then.
  const optimizer = "optimizer: {type: sgd, learningRate: 1.5}";
  const run = await createTinyRun({ training: `{epochs: 6, batchSize: 8, keepBest: validationLoss, ${optimizer}}` });

  await attemptTrial(run);

  const epochs = await loadEpochs(run);
  const losses = epochs.map(({ validation }) => validation?.loss ?? Infinity);
  const best = losses.indexOf(Math.min(...losses));
  expect(best).toBeLessThan(5);
  const shorter = await createTinyRun({ training: `{epochs: ${best + 1}, batchSize: 8, ${optimizer}}` });
  await attemptTrial(shorter);
  const [kept, last] = [await loadResult(run), await loadResult(shorter)];
  expect(kept.testedEpoch).toBe(best + 1);
  expect(kept.validation).toEqual(epochs[best]?.validation);
  expect(kept.test).toEqual(last.test);
  expect(kept.files[trialFiles.modelWeights]).toBe(last.files[trialFiles.modelWeights]);
});

test("of equally good epochs, the first is the best", async () => {
  const optimizer = "optimizer: {type: sgd, learningRate: 1.0e-9}";
  const run = await createTinyRun({
    training: `{epochs: 3, batchSize: 8, keepBest: validationAccuracy, ${optimizer}}`,
  });

  await attemptTrial(run);

  expect(new Set((await loadEpochs(run)).map(({ validation }) => validation?.accuracy)).size).toBe(1);
  expect((await loadResult(run)).testedEpoch).toBe(1);
});

// Every feature that has a state which an interruption could lose.
const everything: TinySections = {
  model:
    "[{conv2d: {filters: 2, kernelSize: 3, activation: relu}}, flatten, {dropout: {rate: 0.4}}, {dense: {units: 4, activation: softmax}}]",
  training:
    "{epochs: 3, batchSize: 9, logEverySteps: 4, keepBest: validationAccuracy, checkpoint: {everySteps: 4, keep: 2}, learningRateSchedule: {type: step, everyEpochs: 2}}",
  evaluation: "{test: everyEpoch, batchSize: 16}",
};

test("a checkpoint is written after every epoch if only how many are kept is said", async () => {
  const run = await createTinyRun({ training: "{epochs: 3, batchSize: 20, checkpoint: {keep: 2}}" });

  await attemptTrial(run);

  const [first = 0, second = 0, ...others] = await listCheckpoints(run.store, run.trialKey(0));
  expect(others).toEqual([]);
  expect(Math.max(first, second)).toBe((await loadResult(run)).steps);
});

describe("checkpoints by seconds", () => {
  // 2 epochs of 12 steps, each followed by one batch of the evaluation.
  const training = (cadence: string) => ({ training: `{epochs: 2, batchSize: 4, checkpoint: {${cadence}}}` });
  const stepsOf = (run: TinyRun) => listCheckpoints(run.store, run.trialKey(0));

  test("are written after the step with which the time has passed, within an epoch and at its end", async () => {
    const clock = new FakeClock();
    const run = await createTinyRun(training("everySeconds: 30, keep: 100"));
    const byEpochs = await createTinyRun(training("everyEpochs: 1"));
    const engine = await createWasmEngine();
    // Five batches are the first to take more than 30 seconds; after step 12 one of them evaluates.
    const slow = observedEngine(engine, () => clock.advance(7000));

    const outcome = await attemptTrial(run, { clock, engine: slow });
    await attemptTrial(byEpochs);

    expect(outcome).toEqual({ type: "finished" });
    expect(await stepsOf(run)).toEqual([5, 10, 14, 19, 24]);
    expect(await deterministicFiles(run)).toEqual(await deterministicFiles(byEpochs));
  });

  test("are none of a training that takes less time, which otherwise has one after every epoch", async () => {
    const quick = await createTinyRun(training("everySeconds: 30, keep: 100"));
    const plain = await createTinyRun(training("keep: 100"));

    const outcomes = [await attemptTrial(quick), await attemptTrial(plain)];

    expect(outcomes).toEqual([{ type: "finished" }, { type: "finished" }]);
    expect(await stepsOf(quick)).toEqual([]);
    expect(await stepsOf(plain)).toHaveLength(2);
  });
});

describe("an interrupted trial", () => {
  test("that was stopped leaves a checkpoint, no result, and the step it was at", async () => {
    const run = await createTinyRun({ training: "{epochs: 2, batchSize: 8, checkpoint: {everyEpochs: 1}}" });

    const outcome = await attemptTrial(run, { interruption: { after: 3, kind: "stop" } });

    expect(outcome).toEqual({ type: "checkpointed" });
    expect(await listCheckpoints(run.store, run.trialKey(0))).toEqual([4]);
    expect(await run.store.get(`${run.trialKey(0)}/${trialFiles.result}`)).toBeUndefined();
  });

  test("goes on where it was", async () => {
    const run = await createTinyRun({ training: "{epochs: 2, batchSize: 8}" });
    await attemptTrial(run, { interruption: { after: 3, kind: "stop" } });
    const lines: string[] = [];

    await attemptTrial(run, { attempt: 2, log: (line) => lines.push(line) });

    expect(lines[0]).toBe("going on after step 4 of 12");
  });

  test.each(["stop", "crash"] as const)("ends with the same bytes after a %s at any batch", async (kind) => {
    const uninterrupted = await createTinyRun(everything);
    await attemptTrial(uninterrupted);
    const expected = await deterministicFiles(uninterrupted);

    // 6 training, 1 validation and 2 test batches an epoch, and 2 test batches at the end; the last one ends the trial.
    for (let after = 0; after < 28; after++) {
      const run = await createTinyRun(everything);
      const outcome = await attemptTrial(run, { interruption: { after, kind } });
      expect(outcome.type, `interrupted after ${after} batches`).not.toBe("finished");
      await attemptTrial(run, { attempt: 2 });
      expect(await deterministicFiles(run), `interrupted after ${after} batches`).toEqual(expected);
    }
  });

  test("ends with the same bytes after it was killed at any write to the store", async () => {
    const uninterrupted = await createTinyRun(everything);
    await attemptTrial(uninterrupted);
    const expected = await deterministicFiles(uninterrupted);

    for (let tornAfter = 0; ; tornAfter++) {
      const run = await createTinyRun(everything);
      const outcome = await attemptTrial(run, { tornAfter });
      await attemptTrial(run, { attempt: 2 });
      expect(await deterministicFiles(run), `killed after ${tornAfter} writes`).toEqual(expected);
      if (outcome.type === "finished") return;
    }
  });

  test("ends with the same bytes after any series of interruptions", async () => {
    const uninterrupted = await createTinyRun(everything);
    await attemptTrial(uninterrupted);
    const expected = await deterministicFiles(uninterrupted);
    const interruption = fc.oneof(
      fc.record({ interruption: fc.record({ kind: fc.constantFrom("stop", "crash"), after: fc.nat(25) }) }),
      fc.record({ tornAfter: fc.nat(30) }),
    );

    await fc.assert(
      fc.asyncProperty(fc.array(interruption, { minLength: 1, maxLength: 6 }), async (interruptions) => {
        const run = await createTinyRun(everything);
        await attemptUntilFinished(run, interruptions);
        expect(await deterministicFiles(run)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

async function attemptUntilFinished(
  run: Awaited<ReturnType<typeof createTinyRun>>,
  interruptions: readonly AttemptOptions[],
): Promise<void> {
  for (const [index, interruption] of interruptions.entries()) {
    const outcome = await attemptTrial(run, { attempt: index + 1, ...interruption });
    if (outcome.type === "finished") return;
  }
  expect(await attemptTrial(run, { attempt: interruptions.length + 1 })).toEqual({ type: "finished" });
}

describe("a trial fails", () => {
  test("when its loss diverges, naming epoch, step and learning rate and what to try", async () => {
    const run = await createTinyRun({
      training: "{epochs: 3, batchSize: 8, optimizer: {type: sgd, learningRate: 1e30}}",
    });

    const outcome = await attemptTrial(run);

    expect(outcome).toMatchObject({ type: "failed", failure: { kind: "diverged" } });
    expect(outcome.type === "failed" && outcome.failure.reason).toMatch(
      /^the training loss became (NaN|infinite) in epoch 1, at step \d of 18, with learning rate 1e\+30\. Try a smaller training\.optimizer\.learningRate, e\.g\. 1e\+29, or initialisers with a smaller spread, or `training\.gradientClipping: \{globalNorm: 1\}`\. \(loss sparseCategoricalCrossentropy, optimizer sgd\)$/,
    );
  });

  test("when only the last step's update diverged", async () => {
    const run = await createTinyRun({
      training: "{steps: 1, batchSize: 8, optimizer: {type: sgd, learningRate: 1e38}}",
    });

    const outcome = await attemptTrial(run);

    expect(outcome).toMatchObject({
      failure: { kind: "diverged", reason: expect.stringContaining("validation loss") },
    });
  });

  test("when the data changed since the run was planned", async () => {
    const run = await createTinyRun({ train: 60 });
    writeDigitFolder(`${run.dataRoot}/digits`, { train: 61, test: 30 });

    const outcome = await attemptTrial(run);

    expect(outcome).toMatchObject({ failure: { kind: "user", reason: expect.stringContaining("has changed since") } });
  });

  test("when memory leaks", async () => {
    const engine = await createWasmEngine();
    let calls = 0;
    const leaking = { ...engine, tensorCount: () => engine.tensorCount() + calls++ };
    const run = await createTinyRun();

    const outcome = await attemptTrial(run, { engine: leaking });

    expect(outcome).toMatchObject({
      failure: { kind: "bug", reason: expect.stringMatching(/memory leak: \d+ tensors/) },
    });
  });
});

test("no tensor is left when a trial has ended, however it ended", async () => {
  const engine = await createWasmEngine();
  const before = engine.tensorCount();

  await attemptTrial(await createTinyRun());
  await attemptTrial(await createTinyRun(), { interruption: { after: 3, kind: "stop" } });
  await attemptTrial(await createTinyRun(), { interruption: { after: 16, kind: "crash" } });

  expect(engine.tensorCount()).toBe(before);
});
