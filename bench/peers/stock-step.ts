// `stock-step.ts`: the WASM backend of TensorFlow.js as it ships, a peer of `npm run bench -- step`.
//
// It cannot train a convolution: it has no kernel for the gradient of the filter. Here it gets one composed of its own
// operations (a matrix product for each position of the window), which is what one would write without kernels of one's own.
import { createInterface } from "node:readline";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { inferShapes } from "../../src/plan/infer-shapes.ts";
import { modelSchema } from "../../src/spec/schema/layer.ts";
import { buildLayersModel } from "../../trainer/model/layers-model.ts";
import { measureTurn } from "./turns.ts";
import type { StepWorkload } from "../workloads/step-workloads.ts";

await tf.setBackend("wasm");
await tf.ready();
tf.registerKernel({
  kernelName: tf.Conv2DBackpropFilter,
  backendName: "wasm",
  kernelFunc: ({ inputs: { x, dy }, attrs }) => {
    const { filterShape, pad } = attrs ?? {};
    if (!(x instanceof tf.Tensor) || !(dy instanceof tf.Tensor) || !Array.isArray(filterShape)) throw new TypeError();
    return composedFilterGradient(x, dy, filterShape.map(Number), pad === "same");
  },
});

const steps = new Map<string, () => void>();
for await (const line of createInterface({ input: process.stdin })) {
  const task: StepWorkload = JSON.parse(line);
  const step = steps.get(task.name) ?? prepare(task);
  steps.set(task.name, step);
  console.log(JSON.stringify(measureTurn(task.steps, step)));
}

function prepare({ inputShape, layers, batchSize, classCount }: StepWorkload): () => void {
  const { planned } = inferShapes(modelSchema.parse({ layers }), inputShape);
  if (planned === undefined) throw new Error("the workload does not fit");
  const type = "sparseCategoricalCrossentropy" as const;
  const model = buildLayersModel(planned, { loss: { type, fromLogits: true }, seed: 1, clock: { step: 0 } });
  const images = tf.randomUniform([batchSize, ...inputShape], 0, 1, "float32", 1);
  const indices = Array.from({ length: batchSize }, (_, example) => example % classCount);
  const labels = tf.oneHot(indices, classCount);
  const weights = model.trainableWeights.map((weight) => weight.read());
  const variables = weights.filter((weight) => weight instanceof tf.Variable);
  const optimizer = tf.train.adam(1e-3);
  const lossOf = (): tf.Scalar => {
    const logits = model.apply(images, { training: true });
    if (!(logits instanceof tf.Tensor)) throw new TypeError("the model has not one output");
    return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(labels, logits);
  };
  return () =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(lossOf, variables);
      optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
      value.dataSync();
    });
}

/** Filter gradient of a convolution with stride 1: for each position of the window one product of shifted images. */
function composedFilterGradient(x: tf.Tensor, dy: tf.Tensor, filterShape: number[], isPadded: boolean): tf.Tensor {
  const [height = 0, width = 0, channels = 0, filters = 0] = filterShape;
  const [batch = 0, rows = 0, columns = 0] = dy.shape;
  const gradient = tf.reshape(dy, [-1, filters]);
  const around = (size: number): [number, number] => (isPadded ? [(size - 1) >> 1, size >> 1] : [0, 0]);
  const padded = tf.pad(x, [[0, 0], around(height), around(width), [0, 0]]);
  const positions = Array.from({ length: height * width }, (_, position) => {
    const begin = [0, Math.floor(position / width), position % width, 0];
    const shifted = tf.slice(padded, begin, [batch, rows, columns, channels]);
    return tf.matMul(tf.transpose(tf.reshape(shifted, [-1, channels])), gradient);
  });
  return tf.reshape(tf.concat(positions, 0), filterShape);
}
