import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Engine } from "../../../../trainer/engine/engine.ts";
import { refuseCrashingLayers } from "../../../../trainer/engine/tensorflow/refuse-crashing-layers.ts";
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { complaintsAbout } from "./train-in-process.ts";
import { planModel } from "../../plan-model.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";

afterEach(() => vi.unstubAllEnvs());

describe("a convolution whose gradient makes oneDNN corrupt the heap", () => {
  const network = (parameters: string) =>
    planModel([6, 6, 1], `[{conv2d: {filters: 2, ${parameters}}}, flatten, {dense: {units: 2, activation: softmax}}]`);

  test("is refused by its layer, with ways out", () => {
    const refused = () => refuseCrashingLayers(network("kernelSize: 1, strides: [2, 1]"));

    expect(refused).toThrow(/layer 1 \(conv2d.*\): a 1x1 kernel with strides 2x1 corrupts memory/);
    expect(refused).toThrow(/use --engine wasm, equal strides, or set TF_ENABLE_ONEDNN_OPTS=0/);
  });

  test("is taken without oneDNN", () => {
    vi.stubEnv("TF_ENABLE_ONEDNN_OPTS", "0");

    expect(() => refuseCrashingLayers(network("kernelSize: 1, strides: [2, 1]"))).not.toThrow();
  });

  test.each(["kernelSize: 1, strides: 2", "kernelSize: [1, 2], strides: [2, 1]", "kernelSize: 3, strides: [1, 2]"])(
    "is not one with %s",
    (parameters) => {
      expect(() => refuseCrashingLayers(network(parameters))).not.toThrow();
    },
  );
});

test("nothing computes on the JavaScript backend, whose gradient of average pooling is wrong", () => {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  const sources = ["src", "trainer"].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `${root}${folder}/${file}`),
  );
  const importing = sources.filter((file) =>
    /from "@tensorflow\/tfjs(-backend-cpu)?"|import "@tensorflow\/tfjs(-backend-cpu)?"/.test(
      readFileSync(file, "utf8"),
    ),
  );

  expect(sources.length).toBeGreaterThan(300);
  expect(importing).toEqual([]);
});

describeNative("traps of the native engine", () => {
  // TensorFlow's optimiser of graphs fails at a leaky ReLU behind a convolution if its gradient asks for the convolution.
  test("TensorFlow has nothing to complain of in a leaky ReLU", () => {
    const complaints = complaintsAbout({
      engine: "tensorflow",
      inputShape: [6, 6, 1],
      layers:
        "[{conv2d: {filters: 2, kernelSize: 3, activation: leakyRelu}}, flatten, {dense: {units: 4, activation: softmax}}]",
      optimizer: { type: "sgd", learningRate: 0.1, momentum: 0, nesterov: false },
      steps: 2,
    });

    expect(complaints).toEqual([]);
  });

  let engine: Engine;
  beforeAll(async () => {
    engine = await createTensorflowEngine({ files });
  });

  test("a convolution that would corrupt the heap is refused before anything is computed", () => {
    const optimizer = { type: "sgd", learningRate: 0.1, momentum: 0, nesterov: false } as const;
    const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;
    const layers =
      "[{conv2d: {filters: 2, kernelSize: 1, strides: [2, 1]}}, flatten, {dense: {units: 2, activation: softmax}}]";

    const build = () => engine.buildModel({ model: planModel([6, 6, 1], layers), loss, optimizer, seed: 1 });

    expect(build).toThrow("a 1x1 kernel with strides 2x1 corrupts memory");
  });

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])(
    "a fused matrix product with transposeA %s and transposeB %s is that of single operations",
    (transposeA, transposeB) => {
      const values = (rows: number, columns: number) =>
        tf.tensor2d(
          Float32Array.from({ length: rows * columns }, (_, index) => Math.sin(index + rows)),
          [rows, columns],
        );
      const a = transposeA ? values(4, 3) : values(3, 4);
      const b = transposeB ? values(2, 4) : values(4, 2);
      const bias = tf.tensor1d([0.5, -0.25]);

      const fused = tf.fused.matMul({ a, b, transposeA, transposeB, bias, activation: "relu" });

      const single = tf.relu(
        tf.add(tf.matMul(transposeA ? tf.transpose(a) : a, transposeB ? tf.transpose(b) : b), bias),
      );
      expect(tf.max(tf.abs(tf.sub(fused, single))).dataSync()[0]).toBeLessThan(1e-6);
    },
  );

  test.each(["compiled", "eager"])(
    "%s steps draw another dropout mask for every step, and the same one again",
    async (way) => {
      const own = way === "compiled" ? engine : await createTensorflowEngine({ files, compiles: false });
      const optimizer = { type: "sgd", learningRate: 0.1, momentum: 0, nesterov: false } as const;
      const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;
      const model = planModel([4, 4, 1], "[flatten, {dropout: {rate: 0.5}}, {dense: {units: 2, activation: softmax}}]");
      const built = own.buildModel({ model, loss, optimizer, seed: 3 });
      const batch = { size: 4, images: new Float32Array(64).fill(0.7), labels: Int32Array.of(0, 1, 0, 1) };

      // Nothing is learned: losses differ by masks only.
      for (const step of [0, 1, 2, 3, 0]) built.trainStep(batch, { step, learningRate: 0 });
      const losses = built.drainSteps().map((figures) => figures.loss);

      expect(new Set(losses.slice(0, 4)).size).toBe(4);
      expect(losses[4]).toBe(losses[0]);
      expect(built.stepMode).toContain(way);
      built.dispose();
    },
  );
});
