import { backend, mul, randomUniform, scalar, tidy, variable, type Tensor } from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { beforeAll, expect, test } from "vitest";
import type { Loss, Optimizer } from "../../../../src/spec/schema/training.ts";
import { toNamedVariable } from "../../../../trainer/engine/model-variables.ts";
import { optimizerSlots } from "../../../../trainer/engine/optimizer-slots.ts";
import type { TracedModel } from "../../../../trainer/engine/tensorflow/traced-model.ts";
import { isNativeBackend, type NativeBackend } from "../../../../trainer/engine/tensorflow/native-backend.ts";
import { Steps } from "../../../../trainer/engine/tensorflow/steps.ts";
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { graphUpToLogits } from "../../../../trainer/model/logits-graph.ts";
import { rowBatch } from "../../../contracts/engine-contract.ts";
import { describeNative, nativeFiles } from "./native-addon.ts";

const momentum: Optimizer = { type: "sgd", learningRate: 0.1, momentum: 0.9, nesterov: false };
const loss: Loss = { type: "sparseCategoricalCrossentropy", fromLogits: true };
const batch = rowBatch(6);
let native: NativeBackend;

/** A layer that does something to its input that was not foreseen. */
class OddLayer extends layers.Layer {
  static className = "OddLayer";
  constructor(private readonly change: (input: Tensor) => Tensor) {
    super({});
  }
  override call(inputs: Tensor | Tensor[]): Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    if (input === undefined) throw new Error("no input");
    return tidy(() => this.change(input));
  }
}

function modelWith(odd: layers.Layer): TracedModel {
  const model = sequential({
    layers: [layers.flatten({ inputShape: [6, 6, 1] }), layers.dense({ units: 4 }), odd, layers.dense({ units: 3 })],
  });
  const variables = model.weights.map((weight) => ({
    ...toNamedVariable(weight),
    slots: optimizerSlots(momentum),
    isAveraged: false,
  }));
  const trained = model.trainableWeights.map(toNamedVariable);
  const learns = new Set(trained.map(({ name }) => name));
  return {
    backend: native,
    kit: { isOnProcessor: true, hasOwnOperations: false },
    network: graphUpToLogits(model, loss),
    penalty: () => undefined,
    loss,
    imageShape: [6, 6, 1],
    variables: variables.map((weight) => (learns.has(weight.name) ? weight : { ...weight, slots: [] })),
    learning: { trained, rules: { optimizer: momentum }, hasShares: false, clock: { step: 0 } },
  };
}

function stepsOf(model: TracedModel, compiles = true): Steps {
  return new Steps(model, { compiles }, { train: [], predict: [] });
}

function trainFive(steps: Steps): void {
  for (let step = 0; step < 5; step++) steps.train(batch, { step, learningRate: 0.1 });
}

describeNative("a model with an odd layer", () => {
  beforeAll(async () => {
    await createTensorflowEngine({ files: nativeFiles });
    const current: unknown = backend();
    if (!isNativeBackend(current)) throw new Error("the native backend did not start");
    native = current;
  });

  test("that draws unseeded numbers is trained eagerly", () => {
    const steps = stepsOf(modelWith(new OddLayer((input) => mul(input, randomUniform(input.shape, 0.9, 1.1)))));

    trainFive(steps);

    expect(steps.mode).toBe("eager: two traces of it differ: a layer makes values in JavaScript");
    steps.dispose();
  });

  test("that reads a value in JavaScript is trained eagerly", () => {
    const steps = stepsOf(modelWith(new OddLayer((input) => mul(input, scalar(input.dataSync()[0] === 0 ? 1 : 2)))));

    trainFive(steps);

    expect(steps.mode).toBe("eager: it reads a computed value in JavaScript");
    steps.dispose();
  });

  test("that uses a variable of its own is trained eagerly", () => {
    const own = tidy(() => variable(scalar(1.5), false, "own"));
    const steps = stepsOf(modelWith(new OddLayer((input) => mul(input, own))));

    trainFive(steps);

    expect(steps.mode).toBe("eager: it reads the variable own, which is no weight");
    steps.dispose();
    own.dispose();
  });

  test("that computes something else than its trace is trained eagerly, from where it was", () => {
    // Both traces see one factor, and whatever runs after them another one.
    let calls = 0;
    const odd = new OddLayer((input) => mul(input, scalar(++calls <= 2 ? 1 : 1.5)));
    const model = modelWith(odd);
    const steps = stepsOf(model);
    const before = steps.readState();

    steps.train(batch, { step: 0, learningRate: 0 });

    expect(steps.mode).toMatch(/^eager: its first loss was [\d.]+, expected [\d.]+$/);
    expect(steps.readState().weights).toEqual(before.weights);
    steps.dispose();
  });

  test("of which only a later batch size can't be compiled goes on from the very same weights", () => {
    const odd = new OddLayer((input) => {
      return input.shape[0] === 6 ? input.clone() : mul(input, scalar(input.dataSync()[0] === 0 ? 1 : 2));
    });
    const steps = stepsOf(modelWith(odd));
    trainFive(steps);
    const before = steps.readState();

    steps.predict(rowBatch(4));

    expect(steps.mode).toBe("eager: it reads a computed value in JavaScript");
    expect(steps.readState()).toEqual(before);
    steps.dispose();
  });

  test("that keeps moving averages is compiled, averages included", () => {
    const model = () => modelWith(layers.batchNormalization({ momentum: 0.5 }));
    const [first, second] = [model(), model()];
    const [compiled, eager] = [stepsOf(first), stepsOf(second, false)];
    eager.writeState(renamed(compiled.readState(), second));

    for (const each of [compiled, eager]) trainFive(each);

    expect(compiled.mode).toBe("compiled");
    const expected = eager.readState().weights;
    for (const [index, weight] of compiled.readState().weights.entries()) {
      const other = expected[index]?.values ?? [];
      for (const [position, value] of weight.values.entries()) expect(value).toBeCloseTo(other[position] ?? NaN, 4);
    }
    compiled.dispose();
    eager.dispose();
  });
});

/** Another model's state under this model's names. */
function renamed(state: ReturnType<Steps["readState"]>, { variables }: TracedModel) {
  const weights = state.weights.map((weight, index) => ({ ...weight, name: variables[index]?.name ?? "" }));
  return { weights, optimizer: [] };
}
