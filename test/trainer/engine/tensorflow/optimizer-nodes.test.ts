import { expect, test } from "vitest";
import { optimizerSchema } from "../../../../src/spec/schema/optimizer.ts";
import type { Optimizer } from "../../../../src/spec/schema/training.ts";
import { adamStepSize } from "../../../../trainer/engine/optimizer-slots.ts";
import { GraphBuilder } from "../../../../trainer/engine/tensorflow/graph-def.ts";
import { addFusedUpdate } from "../../../../trainer/engine/tensorflow/optimizer-nodes.ts";

function fused(optimizer: object): string {
  const numbers = { nodeOf: (name: string) => name };
  const update = { weight: "w", slots: ["m", "v"], gradient: "g", numbers, after: ["read"] };
  const parsed: Optimizer = optimizerSchema.parse(optimizer);
  return addFusedUpdate(new GraphBuilder(), parsed, update);
}

test("momentum is Keras' rule, which scales the gradient before it is added up", () => {
  expect(fused({ type: "sgd", momentum: 0.9, nesterov: true })).toBe("ResourceApplyKerasMomentum");
});

test("plain descent, Adam and AdamW are one operation each", () => {
  expect(fused({ type: "sgd" })).toBe("ResourceApplyGradientDescent");
  expect(fused({ type: "adam" })).toBe("ResourceApplyAdam");
  expect(fused({ type: "adamw" })).toBe("ResourceApplyAdam");
});

test("an optimizer whose rule TensorFlow has in no operation is refused by its name", () => {
  expect(() => fused({ type: "adagrad" })).toThrow("Keras' rule of the optimizer adagrad");
});

test("Adam's step size holds both bias corrections", () => {
  // 0.1 · √(1 − 0.999) / (1 − 0.9)
  expect(adamStepSize({ beta1: 0.9, beta2: 0.999 }, { step: 0, learningRate: 0.1 })).toBeCloseTo(0.0316228, 6);
});
