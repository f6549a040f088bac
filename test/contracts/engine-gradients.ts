import { beforeAll, describe, expect, test } from "vitest";
import type { Optimizer } from "../../src/spec/schema/training.ts";
import type { Engine, EngineModel, ModelState } from "../../trainer/engine/engine.ts";
import { architectures } from "./architectures.ts";
import { planModel } from "../trainer/plan-model.ts";

const sgd: Optimizer = { type: "sgd", learningRate: 1, momentum: 0, nesterov: false };
const loss = { type: "sparseCategoricalCrossentropy", fromLogits: false } as const;

const batch = {
  size: 4,
  images: Float32Array.from({ length: 4 * 6 * 5 * 2 }, (_, index) => Math.sin(index * 1.7) * 0.8),
  labels: Int32Array.of(0, 1, 2, 0),
};

/**
 * Holds the gradients of all layers to finite differences.
 * @param open starts the engine; called once
 */
export function describeEngineGradients(name: string, open: () => Promise<Engine>): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });

  describe(`${name}: a training step goes down the gradient that finite differences show, through`, () => {
    test.each(Object.entries(architectures))("%s", (_, layers) => {
      const tensorsBefore = engine.tensorCount();
      const built = engine.buildModel({ model: planModel([6, 5, 2], layers), loss, optimizer: sgd, seed: 5 });
      const start = shaken(built.readState());
      built.writeState(start);
      built.trainStep(batch, { step: 3, learningRate: 1 });
      built.drainSteps();
      const after = built.readState();

      for (const [index, weight] of start.weights.entries()) {
        if (/moving|_frozen/.test(weight.name)) continue;
        for (let position = 0; position < weight.values.length; position += 1 + Math.floor(weight.values.length / 9)) {
          const slope = (weight.values[position] ?? 0) - (after.weights[index]?.values[position] ?? 0);
          if (layers.includes("trainable: false") && weight.name.startsWith("batch")) {
            expect(slope).toBe(0);
            continue;
          }
          const expected = differenceQuotient(built, start, { index, position });
          expect(Math.abs(slope - expected), `${weight.name}[${position}]: ${slope}, not ${expected}`).toBeLessThan(
            3e-4 + 0.01 * Math.abs(expected),
          );
        }
      }
      built.dispose();
      expect(engine.tensorCount()).toBe(tensorsBefore);
    });
  });
}

/** Biases and factors that are not all alike. */
function shaken(state: ModelState): ModelState {
  const weights = state.weights.map((weight, index) => ({
    ...weight,
    values: weight.values.map((value, position) => value + 0.1 * Math.cos(index * 3 + position)),
  }));
  return { ...state, weights };
}

/** Of the loss while training, with the masks and noise of the same step. */
function differenceQuotient(
  built: EngineModel,
  state: ModelState,
  { index, position }: { readonly index: number; readonly position: number },
): number {
  const step = 1 / 1024;
  const lossAt = (shift: number): number => {
    const weights = state.weights.map((weight, each) =>
      each === index
        ? { ...weight, values: weight.values.with(position, (weight.values[position] ?? 0) + shift) }
        : weight,
    );
    built.writeState({ ...state, weights });
    built.trainStep(batch, { step: 3, learningRate: 0 });
    return built.drainSteps()[0]?.loss ?? NaN;
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}
