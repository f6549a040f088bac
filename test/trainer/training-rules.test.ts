import { describe, expect, test } from "vitest";
import { trialFiles } from "../../src/contract/object-keys.ts";
import { listCheckpoints } from "../../src/record/checkpoint-store.ts";
import { encodeTensors } from "../../trainer/model/tensor-bytes.ts";
import { createWasmEngine } from "../../trainer/engine/wasm-engine.ts";
import { loadCheckpointWeights } from "../../trainer/load-checkpoint-weights.ts";
import { attemptTrial, deterministicFiles, loadEpochs, loadResult } from "./run-trial.ts";
import { createTinyRun, type TinySections } from "./tiny-run.ts";

/** Trains to the end and gives the run. */
async function trained(training: string, sections: TinySections = {}) {
  const run = await createTinyRun({ ...sections, training });
  const outcome = await attemptTrial(run);
  expect(outcome).toEqual({ type: "finished" });
  return run;
}

// A rate that makes the network get worse now and then.
const wild = "optimizer: {type: sgd, learningRate: 1.5}";
const still = "optimizer: {type: sgd, learningRate: 1.0e-9}";

describe("early stopping", () => {
  test("ends the training once its patience is used up, and says so in the result", async () => {
    const run = await trained(`{epochs: 9, batchSize: 8, ${still}, earlyStopping: {patience: 2, minDelta: 0.01}}`);

    const result = await loadResult(run);
    const [first] = await loadEpochs(run);
    expect(result).toMatchObject({ epochs: 3, steps: 18, testedEpoch: 3 });
    expect(result.stoppedEarly).toEqual({
      epoch: 3,
      monitor: "validationLoss",
      best: first?.validation?.loss,
      bestEpoch: 1,
    });
  });

  test("lets a training that keeps improving go on to its end", async () => {
    const run = await trained("{epochs: 4, batchSize: 8, earlyStopping: {monitor: trainLoss, patience: 1}}");

    const result = await loadResult(run);
    expect(result.epochs).toBe(4);
    expect(result).not.toHaveProperty("stoppedEarly");
  });

  test("restores the best weights if asked to, whether it stopped or not", async () => {
    const run = await trained(`{epochs: 6, batchSize: 8, ${wild}, earlyStopping: {patience: 4, restoreBest: true}}`);

    const losses = (await loadEpochs(run)).map(({ validation }) => validation?.loss ?? Infinity);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    const kept = await loadResult(run);
    expect(best).toBeLessThan(losses.length);
    expect(kept.testedEpoch).toBe(best);
    const shorter = await loadResult(await trained(`{epochs: ${best}, batchSize: 8, ${wild}}`));
    expect(kept.files[trialFiles.modelWeights]).toBe(shorter.files[trialFiles.modelWeights]);
  });
});

test("a plateau lowers the learning rate, and a cooldown keeps it from falling again at once", async () => {
  const schedule = "{type: reduceOnPlateau, monitor: trainLoss, patience: 1, factor: 0.5, minDelta: 1, cooldown: 2}";

  const run = await trained(
    `{epochs: 7, batchSize: 20, optimizer: {type: sgd, learningRate: 0.008}, learningRateSchedule: ${schedule}}`,
  );

  // Nothing improves by 1: it drops after the second epoch; two epochs of cooldown, the last of which counts again.
  const rates = (await loadEpochs(run)).map(({ learningRate }) => learningRate);
  expect(rates).toEqual([0.008, 0.008, 0.004, 0.004, 0.002, 0.002, 0.001]);
});

test("keepBest may choose by the training's own figures", async () => {
  const run = await trained(`{epochs: 5, batchSize: 8, ${wild}, keepBest: trainLoss}`, { validation: 0 });

  const losses = (await loadEpochs(run)).map(({ loss }) => loss);
  expect((await loadResult(run)).testedEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
});

describe("a moving average of the weights", () => {
  test("is what is evaluated, tested and saved", async () => {
    const training = (ema: string) => `{epochs: 2, batchSize: 8, optimizer: {type: sgd, learningRate: 0.5}${ema}}`;
    const sections = { evaluation: "{test: everyEpoch, batchSize: 20}" };
    const run = await trained(training(", ema: {decay: 0.9}"), sections);
    const without = await trained(training(""), sections);

    const [averaged, own] = [await loadResult(run), await loadResult(without)];
    // The same training, other weights looked at.
    expect(averaged.train).toEqual(own.train);
    expect(averaged.test).not.toEqual(own.test);
    const last = (await loadEpochs(run)).at(-1);
    expect(last?.test).toEqual({ loss: averaged.test.loss, accuracy: averaged.test.accuracy });
  });
});

test("class weights change what is learned, and the accuracy that is reported is not weighted", async () => {
  const training = (weights: string) =>
    `{epochs: 3, batchSize: 8, optimizer: {type: adam, learningRate: 0.02}${weights}}`;
  const run = await trained(training(", classWeights: {0: 0, 1: 1}"));

  const [, , last] = await loadEpochs(run);
  // A class without weight, a quarter of the examples, is not learned.
  expect(last?.accuracy).toBeLessThan(0.8);
  expect(last?.loss).toBeLessThan(last?.validation?.loss ?? 0);
});

test("balanced class weights of a balanced data set change next to nothing", async () => {
  const run = await trained("{epochs: 1, batchSize: 8, classWeights: balanced}");
  const plain = await trained("{epochs: 1, batchSize: 8}");

  expect((await loadEpochs(run))[0]?.loss).toBeCloseTo((await loadEpochs(plain))[0]?.loss ?? 0, 5);
});

test("a loss on top of a softmax can be trained and predicts the softmax's probabilities", async () => {
  const run = await trained(
    "{epochs: 8, batchSize: 8, optimizer: {type: adam, learningRate: 0.02}, loss: {type: categoricalCrossentropy, fromLogits: true, allowSoftmaxOutput: true}}",
  );

  const result = await loadResult(run);
  expect(result.test.accuracy).toBeGreaterThan(0.8);
  // −ln softmax(probabilities) is never below this for 4 classes.
  expect(result.test.loss).toBeGreaterThan(Math.log(1 + 3 / Math.E) - 1e-6);
});

describe("checkpoints", () => {
  test("of all epochs stay when the trial is finished, and the weights of each can be loaded", async () => {
    const run = await trained("{epochs: 3, batchSize: 8, checkpoint: {everyEpochs: 1, keep: all}}");
    const key = run.trialKey(0);

    expect(await listCheckpoints(run.store, key)).toEqual([6, 12, 18]);
    const last = await loadCheckpointWeights(run.store, key, { epoch: 3 });
    const saved = await run.store.get(`${key}/${trialFiles.modelWeights}`);
    expect(Buffer.from(encodeTensors(last ?? []))).toEqual(Buffer.from(saved ?? []));
    const second = await loadCheckpointWeights(run.store, key, { epoch: 2 });
    expect(second).toEqual(await loadCheckpointWeights(run.store, key, { step: 12 }));
    expect(second).not.toEqual(last);
    expect(await loadCheckpointWeights(run.store, key, { epoch: 4 })).toBeUndefined();
    expect(await loadCheckpointWeights(run.store, key, { step: 13 })).toBeUndefined();
  });

  test("give averaged weights if these are evaluated", async () => {
    const run = await trained("{epochs: 2, batchSize: 8, ema: {decay: 0.9}}");

    const weights = await loadCheckpointWeights(run.store, run.trialKey(0), { epoch: 2 });

    const saved = await run.store.get(`${run.trialKey(0)}/${trialFiles.modelWeights}`);
    expect(Buffer.from(encodeTensors(weights ?? []))).toEqual(Buffer.from(saved ?? []));
  });

  test("of the best epoch and of the newest stay with `keep: best`, the best one at whatever cadence", async () => {
    const run = await trained(
      `{epochs: 6, batchSize: 8, ${wild}, keepBest: validationLoss, checkpoint: {everyEpochs: 3, keep: best}}`,
    );

    const best = (await loadResult(run)).testedEpoch;
    expect(best).toBeLessThan(6);
    expect(await listCheckpoints(run.store, run.trialKey(0))).toEqual([6 * best, 36]);
  });

  test("but the last one go with `keep: last`", async () => {
    const run = await trained("{epochs: 3, batchSize: 8, checkpoint: {everyEpochs: 1, keep: last}}");

    expect(await listCheckpoints(run.store, run.trialKey(0))).toEqual([18]);
  });
});

const layers =
  "[{conv2d: {filters: 2, kernelSize: 3, activation: relu}}, flatten, {dropout: {rate: 0.4}}, {dense: {units: 4, activation: softmax}}]";
const cadence = "batchSize: 16, logEverySteps: 2, checkpoint: {everySteps: 2, keep: 2}";

/** Everything with a state that an interruption could lose. */
const stateful: Readonly<Record<string, string>> = {
  "adam with amsgrad": `{epochs: 2, ${cadence}, optimizer: {type: adam, amsgrad: true}}`,
  "adamw with a cosine after a warm-up": `{epochs: 2, ${cadence}, optimizer: {type: adamw, excludeFromWeightDecay: [bias]}, learningRateSchedule: {type: cosine, warmup: {steps: 2}}}`,
  "rmsprop, clipped": `{epochs: 2, ${cadence}, optimizer: {type: rmsprop, momentum: 0.5, centered: true}, gradientClipping: {globalNorm: 0.1}}`,
  "adagrad with an exponential schedule": `{epochs: 2, ${cadence}, optimizer: {type: adagrad}, gradientClipping: {norm: 0.5}, learningRateSchedule: {type: exponential, decayRate: 0.5, everySteps: 2}}`,
  "nesterov with moving averages": `{epochs: 2, ${cadence}, optimizer: {type: sgd, momentum: 0.9, nesterov: true}, ema: {decay: 0.8}, keepBest: validationLoss}`,
  "a plateau and early stopping": `{epochs: 5, ${cadence}, ${wild}, classWeights: balanced, earlyStopping: {patience: 2, restoreBest: true}, learningRateSchedule: {type: reduceOnPlateau, patience: 1, factor: 0.7}}`,
};

describe.each(Object.entries(stateful))("an interrupted trial with %s", (_, training) => {
  const sections = { model: layers, training };

  test("ends with the same bytes after a stop or a crash at any batch", async () => {
    const uninterrupted = await createTinyRun(sections);
    await attemptTrial(uninterrupted);
    const expected = await deterministicFiles(uninterrupted);

    for (const kind of ["stop", "crash"] as const) {
      for (let after = 0; ; after++) {
        const run = await createTinyRun(sections);
        const outcome = await attemptTrial(run, { interruption: { after, kind } });
        await attemptTrial(run, { attempt: 2 });
        expect(await deterministicFiles(run), `${kind} after ${after} batches`).toEqual(expected);
        if (outcome.type === "finished") break;
      }
    }
  });

  test("ends with the same bytes after it was killed at any write to the store", async () => {
    const uninterrupted = await createTinyRun(sections);
    await attemptTrial(uninterrupted);
    const expected = await deterministicFiles(uninterrupted);

    for (let tornAfter = 0; ; tornAfter++) {
      const run = await createTinyRun(sections);
      const outcome = await attemptTrial(run, { tornAfter });
      await attemptTrial(run, { attempt: 2 });
      expect(await deterministicFiles(run), `killed after ${tornAfter} writes`).toEqual(expected);
      if (outcome.type === "finished") break;
    }
  });

  test("leaves no tensor behind", async () => {
    const engine = await createWasmEngine();
    const before = engine.tensorCount();

    await attemptTrial(await createTinyRun(sections));
    await attemptTrial(await createTinyRun(sections), { interruption: { after: 3, kind: "crash" } });

    expect(engine.tensorCount()).toBe(before);
  });
});
