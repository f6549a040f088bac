import { describe, expect, test } from "vitest";
import { countActivations, countMemory, estimateMemory, memoryFactors } from "../../src/plan/estimate.ts";
import { resolveTrial } from "../../src/plan/resolve-trial.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { planOf } from "./experiment-of.ts";

const trialOf = (changes: Readonly<Record<string, YamlValue>>) => resolveTrial(planOf(changes), 0);
const estimateOf = (changes: Readonly<Record<string, YamlValue>>) => trialOf(changes).configuration.estimate;

describe("the length of a training", () => {
  test("cnn-mnist as published has 750 steps an epoch", () => {
    const changes = { "data.validation.fraction": 0.2, "training.batchSize": 64, "training.epochs": 5 };

    expect(estimateOf(changes)).toMatchObject({ stepsPerEpoch: 750, epochCount: 5, stepCount: 3750 });
  });

  test("the last batch of an epoch may be smaller", () => {
    const changes = { "data.subset.train.first": 1000, "training.batchSize": 400 };

    expect(estimateOf(changes)).toMatchObject({ stepsPerEpoch: 3, epochCount: 3, stepCount: 9 });
  });

  test("a budget in steps gives as many epochs as they begin", () => {
    const training = { steps: 217, batchSize: 500 };

    expect(estimateOf({ training })).toMatchObject({ stepsPerEpoch: 108, epochCount: 3, stepCount: 217 });
  });
});

describe("the multiply-adds of a training", () => {
  const model = { layers: ["flatten", { dense: { units: 10, activation: "softmax" } }] };
  const perExample = 3 * 784 * 10;

  test("are three forward passes for every example of every epoch", () => {
    expect(estimateOf({ model }).trainingMultiplyAdds).toBe(perExample * 54_000 * 3);
  });

  test("count the examples of an epoch that ends early", () => {
    const training = { steps: 110, batchSize: 500 };

    expect(estimateOf({ model, training }).trainingMultiplyAdds).toBe(perExample * (54_000 + 2 * 500));
  });
});

describe("the memory of a worker", () => {
  const memoryOf = (changes: Readonly<Record<string, YamlValue>>) => countMemory(trialOf(changes));
  const model = { layers: ["flatten", { dense: { units: 10, activation: "softmax" } }] };
  const parameters = 785 * 10;

  test("holds a thread that makes the batches, where images are prepared", () => {
    const augmented = memoryOf({ "data.augment": [{ flip: "horizontal" }] });

    expect(augmented.process - memoryOf({}).process).toBe(15 * 2 ** 20);
  });

  test("holds the whole data set as bytes with its labels", () => {
    expect(memoryOf({ "data.subset.train.first": 1000 }).data).toBe(70_000 * (28 * 28 + 1));
  });

  test("holds weights, gradients, temporaries, and the optimizer's slots", () => {
    const copies = (optimizer: YamlValue) =>
      memoryOf({ model, "training.optimizer": optimizer }).weights / parameters / 4;

    expect(copies({ type: "sgd" })).toBe(3);
    expect(copies({ type: "sgd", momentum: 0.9 })).toBe(4);
    expect(copies({ type: "adam" })).toBe(5);
  });

  test("holds the best weights so far", () => {
    const kept = memoryOf({ model, "training.keepBest": "validationLoss" }).weights;

    expect(kept - memoryOf({ model }).weights).toBe(4 * parameters);
  });

  test("holds a training batch's inputs, outputs (twice behind an activation) and two gradients of the largest", () => {
    const { activations } = memoryOf({ model, "training.batchSize": 100, "evaluation.batchSize": 1 });

    expect(activations).toBe(4 * 100 * (784 + 784 + 2 * 10 + 2 * 784));
  });

  test("holds an evaluation batch where that is larger", () => {
    const { activations } = memoryOf({ model, "training.batchSize": 1, "evaluation.batchSize": 1000 });

    expect(activations).toBe(4 * 1000 * (784 + 2 * 784));
  });

  test("holds the patches of one image of the largest convolution", () => {
    expect(memoryOf({}).scratch).toBe(4 * 3 * 3 * 26 * 26);
  });

  test("is estimated as what is counted, calibrated on real workers", () => {
    const trial = trialOf({ "training.batchSize": 1, "evaluation.batchSize": 1000 });
    const counted = countMemory(trial);

    expect(estimateMemory(trial)).toEqual({
      ...counted,
      weights: Math.round(memoryFactors.weights * counted.weights),
      activations: Math.round(memoryFactors.evaluation * countActivations(trial).evaluation),
    });
  });

  test("is the sum of its parts", () => {
    const trial = trialOf({});

    const parts = Object.values(estimateMemory(trial));
    expect(trial.configuration.estimate.memoryBytes).toBe(parts.reduce((sum, part) => sum + part, 0));
  });
});
