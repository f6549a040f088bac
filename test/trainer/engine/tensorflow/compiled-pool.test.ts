import { afterEach, expect, test, vi } from "vitest";
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { caseBatch, type TrainingCase } from "../../../contracts/training-cases.ts";
import { planModel } from "../../plan-model.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";
import { build, countSessions, train } from "./pooled-training.ts";

function caseOf(name: string, layers: string): TrainingCase {
  const model = planModel([6, 6, 1], `[${layers}, {dense: {units: 3, activation: softmax}}]`);
  const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;
  const optimizer = { type: "adam", learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
  return { name, inputShape: [6, 6, 1], classCount: 3, request: { model, loss, optimizer } };
}

const convolution = "{conv2d: {filters: 4, kernelSize: 3, activation: relu}}, {maxPooling2d: {}}, flatten";
const plain = caseOf("a convolution", convolution);
const dropout = caseOf("dropout", `${convolution}, {dropout: {rate: 0.5}}`);

describeNative("a compiled model that another one takes over", () => {
  afterEach(() => vi.restoreAllMocks());

  test("gives the bytes of a fresh one with another learning rate and another seed", async () => {
    const expected = await train(await createTensorflowEngine({ files }), plain, 0.02, 8);
    const used = await createTensorflowEngine({ files });
    await train(used, plain, 0.5, 3);
    const sessions = countSessions();

    expect(await train(used, plain, 0.02, 8)).toEqual(expected);
    expect(sessions.opened()).toBe(0);
  });

  test("is not taken over with another seed if layers draw from it", async () => {
    const expected = await train(await createTensorflowEngine({ files }), dropout, 0.02, 8);
    const used = await createTensorflowEngine({ files });
    await train(used, dropout, 0.02, 3);
    const sessions = countSessions();

    expect(await train(used, dropout, 0.02, 8)).toEqual(expected);
    expect(sessions.opened()).toBe(1);
  });

  test("is not taken over with a diverged training's numbers", async () => {
    const expected = await train(await createTensorflowEngine({ files }), plain, 0.02, 3);
    const used = await createTensorflowEngine({ files });
    const diverged = build(used, plain, 0.02, 3);
    const batch = caseBatch(plain, 4, 0);
    diverged.trainStep({ ...batch, images: batch.images.map(() => Number.NaN) }, { step: 0, learningRate: 0.02 });
    expect(diverged.readState().weights.some(({ values }) => values.some(Number.isNaN))).toBe(true);
    diverged.dispose();

    expect(await train(used, plain, 0.02, 3)).toEqual(expected);
  });

  test("belongs to one model at a time, and one is kept", async () => {
    const engine = await createTensorflowEngine({ files });
    const sessions = countSessions();
    const [one, other] = [build(engine, dropout, 0.1, 3), build(engine, dropout, 0.1, 3)];
    const batch = caseBatch(dropout, 4, 0);
    one.trainStep(batch, { step: 0, learningRate: 0.1 });
    other.trainStep(batch, { step: 0, learningRate: 0.3 });

    expect(other.readState()).not.toEqual(one.readState());
    one.dispose();
    other.dispose();
    expect([sessions.opened(), sessions.closed()]).toEqual([2, 1]);
  });

  test("is let go when a model with another graph comes", async () => {
    const engine = await createTensorflowEngine({ files });
    await train(engine, dropout, 0.1, 3);
    const sessions = countSessions();

    await train(engine, plain, 0.1, 3);

    expect([sessions.opened(), sessions.closed()]).toEqual([2, 2]);
  });
});
