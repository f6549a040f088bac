import { io, tensor, type Tensor } from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, test } from "vitest";
import type { PlannedModel } from "../../../src/plan/plan.ts";
import type { Engine, SavedModel } from "../../../trainer/engine/engine.ts";
import { createWasmEngine } from "../../../trainer/engine/wasm-engine.ts";
import { planModel } from "../plan-model.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createWasmEngine();
});

const adam = { type: "adam", learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;
const layers =
  "[{conv2d: {filters: 2, kernelSize: 2, activation: relu}}, {averagePooling2d: {poolSize: 2, strides: 1}}, flatten, {dropout: {rate: 0.5}}, {dense: {name: scores, units: 3, activation: softmax}}]";
const model = planModel([4, 4, 1], layers);
const batch = {
  size: 2,
  images: Float32Array.from({ length: 32 }, (_, index) => (index % 7) / 7),
  labels: Int32Array.of(0, 2),
};

function save(planned: PlannedModel, fromLogits = false): SavedModel {
  const built = engine.buildModel({ model: planned, loss: { ...loss, fromLogits }, optimizer: adam, seed: 3 });
  built.trainStep(batch, { step: 0, learningRate: 0.1 });
  const saved = built.save(built.readState().weights);
  built.dispose();
  return saved;
}

interface Document {
  readonly modelTopology: {
    readonly config: { readonly layers: readonly { class_name: string; config: { name: string } }[] };
  };
  readonly weightsManifest: readonly { readonly weights: readonly { readonly name: string }[] }[];
}

function documentOf(saved: SavedModel): Document {
  return JSON.parse(new TextDecoder().decode(saved.topology));
}

describe("a saved model", () => {
  test("names its layers as planned, with the final softmax as a layer of its own", () => {
    const saved = documentOf(save(model));

    expect(saved.modelTopology.config.layers.map((layer) => [layer.class_name, layer.config.name])).toEqual([
      ["InputLayer", "input"],
      ["Conv2D", "conv2d_1"],
      ["AveragePooling2D", "averagePooling2d_1"],
      ["Flatten", "flatten_1"],
      ["Dropout", "dropout_1"],
      ["Dense", "scores"],
      ["Activation", "scores_softmax"],
    ]);
  });

  test("lists its weights as <layer>/<weight>", () => {
    const [group] = documentOf(save(model)).weightsManifest;

    expect(group?.weights.map(({ name }) => name)).toEqual([
      "conv2d_1/kernel",
      "conv2d_1/bias",
      "scores/kernel",
      "scores/bias",
    ]);
  });

  test("has the same bytes whenever it is saved", () => {
    expect(save(model)).toEqual(save(model));
  });

  test("ends with its logits if the loss is from logits", () => {
    const logits = planModel([4, 4, 1], "[flatten, {dense: {units: 3}}]");

    expect(documentOf(save(logits, true)).modelTopology.config.layers.at(-1)?.config.name).toBe("dense_1");
  });

  test("leaves a softmax that is a layer already as it is, and finds one before a layer that changes nothing", () => {
    const asLayer = planModel(
      [4, 4, 1],
      "[flatten, {dense: {units: 3}}, {activation: {name: last, activation: softmax}}]",
    );
    const before = planModel([2, 2, 1], "[{conv2d: {filters: 3, kernelSize: 2, activation: softmax}}, flatten]");

    const names = (planned: PlannedModel) =>
      documentOf(save(planned)).modelTopology.config.layers.map((layer) => layer.config.name);
    expect(names(asLayer)).toEqual(["input", "flatten_1", "dense_1", "last"]);
    expect(names(before)).toEqual(["input", "conv2d_1", "flatten_1", "conv2d_1_softmax"]);
  });

  test("doesn't mind layers that are called like those it adds", () => {
    const named = planModel(
      [4, 4, 1],
      "[{flatten: {name: input}}, {dense: {name: a_softmax, units: 2}}, {dense: {name: a, units: 3, activation: softmax}}]",
    );

    const names = documentOf(save(named)).modelTopology.config.layers.map((layer) => layer.config.name);
    expect(names).toEqual(["input_", "input", "a_softmax", "a", "a_softmax_"]);
  });

  test("predicts exactly what it predicted before it was saved", async () => {
    const built = engine.buildModel({ model, loss, optimizer: adam, seed: 3 });
    built.trainStep(batch, { step: 0, learningRate: 0.1 });
    const loaded = await engine.loadModel(built.save(built.readState().weights), loss);

    expect(loaded.predict(batch)).toEqual(built.predict(batch));

    built.dispose();
    loaded.dispose();
  });

  test("can be loaded by tf.loadLayersModel, which gives the same probabilities", async () => {
    const saved = save(model);
    const ours = await engine.loadModel(saved, loss);
    const artifacts = await io.getModelArtifactsForJSON(
      JSON.parse(new TextDecoder().decode(saved.topology)),
      (manifest) =>
        Promise.resolve([manifest.flatMap(({ weights }) => weights), Uint8Array.from(saved.weights).buffer]),
    );
    const stock = await loadLayersModel(io.fromMemory(artifacts));

    const output = stock.predict(tensor(batch.images, [2, 4, 4, 1])) as Tensor;
    const theirs = output.dataSync<"float32">();

    const { probabilities } = ours.predict(batch);
    for (const [index, probability] of theirs.entries())
      expect(probability).toBeCloseTo(probabilities[index] ?? NaN, 6);
    output.dispose();
    stock.dispose();
    ours.dispose();
  });
});

describe("files that are no saved model are refused", () => {
  test("if the weights are too short", async () => {
    const saved = save(model);

    await expect(engine.loadModel({ ...saved, weights: saved.weights.slice(4) }, loss)).rejects.toThrow();
  });

  test("if model.json is something else", async () => {
    const topology = new TextEncoder().encode("{}");

    await expect(engine.loadModel({ ...save(model), topology }, loss)).rejects.toThrow("not a tfjs layers model");
  });
});
