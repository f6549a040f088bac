import { io, tensor, type Tensor } from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { describe, expect, test } from "vitest";
import { trialFiles } from "../../src/contract/object-keys.ts";
import { createWasmEngine } from "../../trainer/engine/wasm-engine.ts";
import { attemptTrial, deterministicFiles, loadEpochs, loadResult } from "./run-trial.ts";
import { createTinyRun, type TinySections } from "./tiny-run.ts";

const residual =
  "{residual: {layers: [{conv2d: {filters: 4, kernelSize: 3, padding: same, useBias: false, kernelRegularizer: {l2: 0.01}}}, batchNormalization, {spatialDropout2d: {rate: 0.2}}], shortcut: [{conv2d: {filters: 4, kernelSize: 1}}], activation: relu}}";

// Every layer that has a state which an interruption could lose: moving statistics, masks, noise.
const network: TinySections = {
  model: `[{gaussianNoise: {stddev: 0.1}}, ${residual}, {concat: {branches: [[], [{depthwiseConv2d: {kernelSize: 3, padding: same}}, layerNormalization]]}}, {separableConv2d: {filters: 6, kernelSize: 3, activation: leakyRelu}}, globalAveragePooling2d, {dropout: {rate: 0.3}}, {dense: {units: 4, activation: softmax}}]`,
  training: "{epochs: 3, batchSize: 9, keepBest: validationLoss, checkpoint: {everySteps: 4, keep: 2}}",
  evaluation: "{test: everyEpoch, batchSize: 16}",
};

describe("a network with branches, normalisation, noise and penalties", () => {
  test("learns", async () => {
    const run = await createTinyRun({
      ...network,
      training: "{epochs: 25, batchSize: 8, optimizer: {type: adam, learningRate: 0.02}}",
    });

    expect(await attemptTrial(run)).toEqual({ type: "finished" });

    expect((await loadResult(run)).test.accuracy).toBeGreaterThan(0.85);
  });

  test.each(["stop", "crash"] as const)("ends with the same bytes after a %s at any batch", async (kind) => {
    const uninterrupted = await createTinyRun(network);
    await attemptTrial(uninterrupted);
    const expected = await deterministicFiles(uninterrupted);

    for (let after = 0; after < 28; after += 3) {
      const run = await createTinyRun(network);
      await attemptTrial(run, { interruption: { after, kind } });
      await attemptTrial(run, { attempt: 2 });
      expect(await deterministicFiles(run), `interrupted after ${after} batches`).toEqual(expected);
    }
  });

  test("is tested as it was saved: penalties and moving statistics are in the saved model", async () => {
    const run = await createTinyRun({ ...network, training: "{epochs: 2, batchSize: 9}" });

    await attemptTrial(run);

    const { test: tested } = await loadResult(run);
    expect((await loadEpochs(run)).at(-1)?.test).toEqual({ loss: tested.loss, accuracy: tested.accuracy });
  });

  test("is loaded by tf.loadLayersModel, which knows all its layers, and predicts the same", async () => {
    const engine = await createWasmEngine();
    const run = await createTinyRun(network);
    await attemptTrial(run);
    const read = async (name: string) => (await run.store.get(`${run.trialKey(0)}/${name}`)) ?? new Uint8Array();
    const saved = { topology: await read(trialFiles.modelTopology), weights: await read(trialFiles.modelWeights) };
    const artifacts = await io.getModelArtifactsForJSON(
      JSON.parse(new TextDecoder().decode(saved.topology)),
      (manifest) =>
        Promise.resolve([manifest.flatMap(({ weights }) => weights), Uint8Array.from(saved.weights).buffer]),
    );
    const images = Float32Array.from({ length: 3 * 64 }, (_, index) => ((index * 13) % 17) / 17);

    const stock = await loadLayersModel(io.fromMemory(artifacts));
    const output = stock.predict(tensor(images, [3, 8, 8, 1])) as Tensor;

    const ours = await engine.loadModel(saved, { type: "sparseCategoricalCrossentropy", fromLogits: false });
    const { probabilities } = ours.predict({ size: 3, images, labels: new Int32Array(3) });
    for (const [index, probability] of output.dataSync<"float32">().entries())
      expect(probability).toBeCloseTo(probabilities[index] ?? NaN, 6);
    output.dispose();
    stock.dispose();
    ours.dispose();
  });
});
