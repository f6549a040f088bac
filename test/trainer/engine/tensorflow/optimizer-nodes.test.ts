import { expect, test } from "vitest";
import type { Optimizer } from "../../../../src/spec/schema/training.ts";
import { GraphBuilder } from "../../../../trainer/engine/tensorflow/graph-def.ts";
import {
  addUpdate,
  fedStepSize,
  isCompilableOptimizer,
} from "../../../../trainer/engine/tensorflow/optimizer-nodes.ts";

const update = { weight: "w", slots: ["m", "v"], gradient: "g", stepSize: "s", after: ["read"] };
const unknown = { type: "lion", learningRate: 0.1 } as unknown as Optimizer;

test("an optimizer without a compiled form is refused by its name", () => {
  expect(isCompilableOptimizer(unknown)).toBe(false);
  expect(() => addUpdate(new GraphBuilder(), unknown, update)).toThrow(
    "there is no compiled form of the optimizer lion",
  );
});

test("momentum is Keras' rule, which scales the gradient before it is added up", () => {
  const graph = new GraphBuilder();

  const node = addUpdate(graph, { type: "sgd", learningRate: 0.1, momentum: 0.9, nesterov: true }, update);

  expect(node).toBe("ResourceApplyKerasMomentum");
});

test("Adam's step size holds both bias corrections", () => {
  const adam: Optimizer = { type: "adam", learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

  // 0.1 · √(1 − 0.999) / (1 − 0.9)
  expect(fedStepSize(adam, { step: 0, learningRate: 0.1 })).toBeCloseTo(0.0316228, 6);
});
