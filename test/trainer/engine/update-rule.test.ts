import { dispose, memory, tensor1d, tidy, variable } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Optimizer } from "../../../src/spec/schema/training.ts";
import { optimizerSchema } from "../../../src/spec/schema/optimizer.ts";
import { clipGradients } from "../../../trainer/engine/gradient-clipping.ts";
import { createUpdateRule, type UpdateRuleRequest } from "../../../trainer/engine/update-rule.ts";
import { installWasmKernels, type WasmKernels } from "../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { randomArray } from "./wasm/random-array.ts";

let kernels: WasmKernels;
beforeAll(async () => {
  kernels = await installWasmKernels();
});

const names = ["dense/kernel", "dense/bias", "norm/gamma"];
const sizes = [7, 3, 2];
const learningRate = 0.05;
const stepCount = 8;

const startOf = (index: number) => randomArray([sizes[index] ?? 1], index + 1).values;
/** Gradients don't depend on the weights, so both sides get the same. */
const gradientOf = (index: number, step: number) => randomArray([sizes[index] ?? 1], 50 * (index + 1) + step).values;

/** Takes steps by the rule under test; returns weights and slots by name. */
function run(request: UpdateRuleRequest, steps = stepCount): Readonly<Record<string, readonly number[]>> {
  const before = memory().numTensors;
  const weights = names.map((name, index) => {
    const start = tensor1d([...startOf(index)]);
    const named = { name, variable: variable(start) };
    start.dispose();
    return named;
  });
  const rule = createUpdateRule(kernels, request, weights);
  const alive = memory().numTensors;
  for (let step = 0; step < steps; step++) {
    tidy(() => {
      const gradients = weights.map(({ variable }, index) => [variable.name, tensor1d([...gradientOf(index, step)])]);
      rule.apply(Object.fromEntries(gradients), { step, learningRate });
    });
    expect(memory().numTensors).toBe(alive);
  }
  const read = [...weights, ...rule.slots].map(({ name, variable }) => [name, [...variable.dataSync()]] as const);
  dispose([...weights, ...rule.slots].map(({ variable }) => variable));
  expect(memory().numTensors).toBe(before);
  return Object.fromEntries(read);
}

/** A float64 reference for one entry of a weight: where it ends up. */
type Reference = (start: number, gradients: readonly number[]) => number;

/** What each weight should be, by a reference that follows one entry alone. */
function expected(reference: Reference, gradient = gradientOf): Readonly<Record<string, readonly number[]>> {
  const entries = names.map((name, index) => {
    const values = [...startOf(index)].map((start, position) => {
      const gradients = Array.from({ length: stepCount }, (_, step) => gradient(index, step)[position] ?? 0);
      return reference(start, gradients);
    });
    return [name, values] as const;
  });
  return Object.fromEntries(entries);
}

function expectWeights(actual: Readonly<Record<string, readonly number[]>>, wanted: typeof actual): void {
  for (const name of Object.keys(wanted)) {
    for (const [position, value] of (wanted[name] ?? []).entries())
      expect(actual[name]?.[position], `${name}[${position}]`).toBeCloseTo(value, 5);
  }
}

const parse = (text: object): Optimizer => optimizerSchema.parse(text);

/** Adam's rule for one entry; `decay` shrinks the weight before each step. */
const adam =
  ({ amsgrad = false, decay = 0 } = {}): Reference =>
  (start, gradients) => {
    let [w, m, v, largest] = [start, 0, 0, 0];
    for (const [index, g] of gradients.entries()) {
      const t = index + 1;
      w -= w * decay * learningRate;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      largest = Math.max(largest, v);
      const alpha = (learningRate * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
      w -= (alpha * m) / (Math.sqrt(amsgrad ? largest : v) + 1e-7);
    }
    return w;
  };

const rmsprop =
  ({ momentum = 0, centered = false, epsilon = 1e-7 }): Reference =>
  (start, gradients) => {
    let [w, v, change, average] = [start, 0, 0, 0];
    for (const g of gradients) {
      v = 0.9 * v + 0.1 * g * g;
      average = 0.9 * average + 0.1 * g;
      const increment = (learningRate * g) / Math.sqrt(v - (centered ? average * average : 0) + epsilon);
      change = momentum * change + increment;
      w -= momentum > 0 ? change : increment;
    }
    return w;
  };

describe("the update rule of Keras is followed by", () => {
  test("adam with amsgrad", () => {
    expectWeights(run({ optimizer: parse({ type: "adam", amsgrad: true }) }), expected(adam({ amsgrad: true })));
  });

  test("adamw, whose weights decay before each step", () => {
    expectWeights(run({ optimizer: parse({ type: "adamw", weightDecay: 0.3 }) }), expected(adam({ decay: 0.3 })));
  });

  test("adamw with amsgrad", () => {
    const optimizer = parse({ type: "adamw", weightDecay: 0.3, amsgrad: true });

    expectWeights(run({ optimizer }), expected(adam({ decay: 0.3, amsgrad: true })));
  });

  test("adamw without decay for biases and normalisation, if these are excluded", () => {
    const optimizer = parse({ type: "adamw", weightDecay: 0.3, excludeFromWeightDecay: ["bias", "normalization"] });

    const weights = run({ optimizer });

    const { "dense/kernel": kernel = [] } = expected(adam({ decay: 0.3 }));
    expectWeights(weights, { ...expected(adam()), "dense/kernel": kernel });
  });

  test.each([
    {},
    { momentum: 0.8 },
    { centered: true, epsilon: 0.01 },
    { momentum: 0.8, centered: true, epsilon: 0.01 },
  ])("rmsprop with %o", (options) => {
    expectWeights(run({ optimizer: parse({ type: "rmsprop", ...options }) }), expected(rmsprop(options)));
  });

  test("adagrad", () => {
    const reference: Reference = (start, gradients) => {
      let [w, sum] = [start, 0.1];
      for (const g of gradients) {
        sum += g * g;
        w -= (learningRate * g) / Math.sqrt(sum + 1e-7);
      }
      return w;
    };

    expectWeights(run({ optimizer: parse({ type: "adagrad" }) }), expected(reference));
  });
});

test.each([
  [{ type: "adam", amsgrad: true }, ["momentum", "velocity", "velocity_hat"]],
  [{ type: "adamw" }, ["momentum", "velocity"]],
  [{ type: "rmsprop" }, ["velocity"]],
  [{ type: "rmsprop", momentum: 0.9, centered: true }, ["velocity", "momentum", "average_gradient"]],
  [{ type: "adagrad" }, ["accumulator"]],
])("the slots of %o have Keras' names", (optimizer, slots) => {
  const { [names[0] ?? ""]: _, ...others } = run({ optimizer: parse(optimizer) }, 1);

  const own = Object.keys(others).filter((name) => name.startsWith("dense/kernel/"));
  expect(own).toEqual(slots.map((slot) => `dense/kernel/${slot}`));
});

describe("gradients are clipped as by Keras", () => {
  const sgd = parse({ type: "sgd" });
  const descend: Reference = (start, gradients) => gradients.reduce((w, g) => w - learningRate * g, start);
  const normOf = (values: Iterable<number>) => Math.hypot(...values);

  test("by value", () => {
    const clipped = (index: number, step: number) =>
      gradientOf(index, step).map((g) => Math.max(-0.2, Math.min(0.2, g)));

    expectWeights(run({ optimizer: sgd, gradientClipping: { value: 0.2 } }), expected(descend, clipped));
  });

  test("by each tensor's norm", () => {
    const clipped = (index: number, step: number) => {
      const gradient = gradientOf(index, step);
      return gradient.map((g) => (g * 0.7) / Math.max(normOf(gradient), 0.7));
    };

    expectWeights(run({ optimizer: sgd, gradientClipping: { norm: 0.7 } }), expected(descend, clipped));
  });

  test("by the norm of all gradients together", () => {
    const clipped = (index: number, step: number) => {
      const norm = normOf(names.flatMap((_, each) => [...gradientOf(each, step)]));
      return gradientOf(index, step).map((g) => g * Math.min(1, 0.7 / norm));
    };

    expectWeights(run({ optimizer: sgd, gradientClipping: { globalNorm: 0.7 } }), expected(descend, clipped));
  });

  test.each([{ value: 0.5 }, { norm: 0.5 }, { globalNorm: 0.5 }])(
    "but %o makes no number of one that is none",
    (clipping) => {
      const gradient = tensor1d([Number.NaN, 3]);

      const [clipped] = Object.values(clipGradients({ gradient }, clipping));

      expect(clipped?.dataSync()[0]).toBe(Number.NaN);
      clipped?.dispose();
    },
  );

  test("or not at all if they are small enough", () => {
    const unclipped = run({ optimizer: sgd });

    for (const gradientClipping of [{ value: 100 }, { norm: 100 }, { globalNorm: 100 }])
      expectWeights(run({ optimizer: sgd, gradientClipping }), unclipped);
  });
});

test("the moving average starts with the first step's weights and keeps the given share at each later one", () => {
  const reference: Reference = (start, gradients) => {
    let [w, average] = [start, 0];
    for (const [step, g] of gradients.entries()) {
      w -= learningRate * g;
      average = step === 0 ? w : 0.75 * average + 0.25 * w;
    }
    return average;
  };

  const result = run({ optimizer: parse({ type: "sgd" }), ema: { decay: 0.75 } });

  const wanted = Object.entries(expected(reference)).map(([name, values]) => [`${name}/average`, values]);
  expectWeights(result, Object.fromEntries(wanted));
});
