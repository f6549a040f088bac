import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { estimateCost } from "../../../src/plan/outlook/estimate-cost.ts";
import { estimateGpuMemory } from "../../../src/plan/outlook/estimate-gpu-memory.ts";
import { estimateStorage } from "../../../src/plan/outlook/estimate-storage.ts";
import { estimateTrialSeconds } from "../../../src/plan/outlook/estimate-time.ts";
import { planOutlook, type OutlookInputs } from "../../../src/plan/outlook/outlook.ts";
import { priceFileSchema } from "../../../src/plan/outlook/price-file.ts";
import { speedFileSchema } from "../../../src/plan/outlook/speed-file.ts";
import { resolveTrial } from "../../../src/plan/resolve-trial.ts";
import type { YamlValue } from "../../../src/spec/schema/experiment.ts";
import { decimalBytes } from "../../../src/report/number-formats.ts";
import { planOf } from "../experiment-of.ts";

type Changes = Readonly<Record<string, YamlValue>>;

const fileOf = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../src/cli/${name}`, import.meta.url), "utf8"));
const speeds = speedFileSchema.parse(fileOf("measured-speeds.json"));
const prices = priceFileSchema.parse(fileOf("instance-prices.json"));
const trialOf = (changes: Changes) => resolveTrial(planOf(changes), 0);
const inputs: OutlookInputs = {
  speeds,
  prices,
  engine: "wasm",
  speedOf: "wasm",
  workers: { count: 2, reason: "one per core" },
  finished: new Set(),
};
const outlookOf = (changes: Changes, more: Partial<OutlookInputs> = {}) =>
  planOutlook(planOf(changes), { ...inputs, ...more });
const dense = { layers: ["flatten", { dense: { units: 10, activation: "softmax" } }] };

describe("the files that come with nightsweep", () => {
  test("name their source and date; prices are marked as unverified, GPU speeds as not measured", () => {
    expect(prices).toMatchObject({ isVerified: false, currency: "USD", region: "us-east-1" });
    expect(speeds.speeds.filter(({ isMeasured }) => isMeasured).map(({ engine }) => engine)).toEqual(["wasm"]);
    expect(speeds.speeds.every(({ source }) => source.length > 40)).toBe(true);
  });

  test("have the speed of every priced GPU", () => {
    const devices = speeds.speeds.map(({ device }) => device);

    expect(prices.instances.filter(({ device }) => !devices.includes(device))).toEqual([]);
  });
});

describe("why there are so many trials", () => {
  test("is told by swept path and seeds", () => {
    const { factors } = outlookOf({
      sweep: { grid: { "training.optimizer.learningRate": [0.1, 0.2, 0.3], "training.batchSize": [10, 20] }, seeds: 4 },
    });

    expect(factors).toEqual({
      trials: 24,
      configurations: 6,
      seeds: 4,
      paths: [
        { path: "training.optimizer.learningRate", values: 3 },
        { path: "training.batchSize", values: 2 },
      ],
      combinations: 6,
    });
  });
});

describe("what a trial leaves in the store", () => {
  test("100 checkpoints of VGG-16 with momentum are 111 GB", () => {
    const trial = trialOf({
      model: dense,
      training: {
        epochs: 100,
        batchSize: 8,
        optimizer: { type: "sgd", momentum: 0.9 },
        checkpoint: { everyEpochs: 1, keep: "all" },
      },
    });

    // The published VGG-16 with its fourth dense layer.
    const vgg = { ...trial, model: { ...trial.model, parameterCount: 138_367_554 } };
    const { checkpointCount, bytesPerCheckpoint } = estimateStorage(vgg);
    expect(checkpointCount).toBe(100);
    expect(decimalBytes(checkpointCount * bytesPerCheckpoint)).toBe("111 GB");
  });

  test("counts only the checkpoints that are kept, and one that falls due twice once", () => {
    const countOf = (checkpoint: YamlValue) =>
      estimateStorage(trialOf({ "training.checkpoint": checkpoint })).checkpointCount;

    // 3 epochs of 108 steps.
    expect(countOf({ everyEpochs: 1, keep: 2 })).toBe(2);
    expect(countOf({ keep: "all" })).toBe(3);
    expect(countOf({ keep: 2 })).toBe(2);
    expect(countOf({ everyEpochs: 1, keep: "last" })).toBe(1);
    expect(countOf({ everyEpochs: 2, keep: "all" })).toBe(1);
    expect(countOf({ everySteps: 50, keep: "all" })).toBe(6);
    expect(countOf({ everySeconds: 60, keep: 4 })).toBe(4);
    expect(countOf({ everyEpochs: 1, everySteps: 54, keep: "all" })).toBe(6);
  });

  test("counts the best checkpoint beside the newest, which a stopped training goes on from", () => {
    const changes = {
      "training.keepBest": "validationLoss",
      "training.checkpoint": { everyEpochs: 1, keep: "best" },
    };

    expect(estimateStorage(trialOf(changes)).checkpointCount).toBe(2);
  });

  test("holds the optimizer's slots and the best weights in each checkpoint", () => {
    const copies = (changes: Changes) =>
      estimateStorage(trialOf({ model: dense, ...changes })).bytesPerCheckpoint / 7850 / 4;

    expect(copies({ "training.optimizer": { type: "sgd" } })).toBe(1);
    expect(copies({ "training.optimizer": { type: "adam" } })).toBe(3);
    expect(copies({ "training.keepBest": "validationLoss" })).toBe(4);
    expect(copies({ "training.ema": { decay: 0.99 } })).toBe(4);
  });
});

describe("how long it takes", () => {
  const speed = speeds.speeds[0];
  if (speed === undefined) throw new Error("there is no speed");
  const slow = { ...speed, secondsPerStart: 0, secondsPerStep: 1, secondsPerGigaMultiplyAdds: 1e-9 };
  const onlySteps = { ...slow, secondsPerMillionOutputs: 0, secondsPerMillionWeights: 0, range: [0.5, 2] as const };

  test("grows with the steps, and has a range around what is likely", () => {
    const { low, likely, high } = estimateTrialSeconds(trialOf({}), { ...onlySteps, range: [0.5, 2] });

    expect(likely).toBeCloseTo(324, 3);
    expect([low, high]).toEqual([likely / 2, likely * 2]);
  });

  test("counts the evaluations after each epoch, at a third of training", () => {
    const perExample = {
      ...onlySteps,
      secondsPerStep: 0,
      secondsPerMillionOutputs: 1e6,
      range: [1, 1] as [number, number],
    };
    const likely = (changes: Changes) => estimateTrialSeconds(trialOf({ model: dense, ...changes }), perExample).likely;

    // 3 × 54,000 trained, 3 × 6,000 validated, 10,000 tested; 20 outputs each, because of the softmax.
    expect(likely({})).toBeCloseTo(20 * (162_000 + 28_000 / 3), 0);
    expect(likely({ "evaluation.test": "everyEpoch" })).toBeCloseTo(20 * (162_000 + 58_000 / 3), 0);
  });

  test("counts what clipping and averaging touch of the weights as one slot of the optimizer more each", () => {
    const perWeight = {
      ...onlySteps,
      secondsPerStep: 0,
      secondsPerMillionWeights: 1e6,
      range: [1, 1] as [number, number],
    };
    const perStep = (changes: Changes) =>
      estimateTrialSeconds(trialOf({ model: dense, "training.optimizer": { type: "sgd" }, ...changes }), perWeight)
        .likely /
      (324 * 7850);

    expect(perStep({})).toBeCloseTo(2, 3);
    expect(perStep({ "training.gradientClipping": { globalNorm: 1 } })).toBeCloseTo(3, 3);
    expect(perStep({ "training.ema": { decay: 0.99 } })).toBeCloseTo(3, 3);
  });

  test("counts only trials that are not finished, shared by the workers, and never less than the longest", () => {
    const plan = planOf({ "sweep.seeds": 4 });
    const all = planOutlook(plan, inputs);
    const rest = planOutlook(plan, { ...inputs, finished: new Set(plan.trials.slice(0, 3).map(({ id }) => id)) });

    expect(all.trialsToTrain).toBe(4);
    expect(all.time?.elapsedSeconds.likely).toBeCloseTo((all.time?.computingSeconds.likely ?? 0) / 2, 6);
    expect(rest.trialsToTrain).toBe(1);
    expect(rest.time?.elapsedSeconds).toEqual(rest.time?.computingSeconds);
  });

  test("is not claimed of an engine without figures", () => {
    expect(outlookOf({}, { speedOf: "abacus" }).time).toBeUndefined();
  });
});

describe("what it costs", () => {
  const hour = { low: 1800, likely: 3600, high: 7200 };
  const instance = { ...prices.instances[0], onDemandPerHour: 2, spotPerHour: [0.5, 1] as [number, number] };

  test("is computing time and boots, times the price", () => {
    const cost = estimateCost(
      [hour, hour],
      { type: "x", device: "gpu", gpuMemoryGibibytes: 1, memoryGibibytes: 1, ...instance },
      { prices: { ...prices, bootMinutes: 6, instancesAtOnce: 10 }, fits: true },
    );

    // On demand: likely 2 hours on 2 instances, at least 1 hour on one, at most 4 hours on two.
    expect(cost.hours).toEqual({ low: 1, likely: 2, high: 4 });
    expect(cost.onDemand.likely).toBeCloseTo(2 * 2.2, 9);
    expect(cost.onDemand.low).toBeCloseTo(2 * 1.1, 9);
    expect(cost.onDemand.high).toBeCloseTo(2 * 4.2, 9);
    expect(cost.spot.low).toBeCloseTo(0.5 * 1.1, 9);
    expect(cost.spot.high).toBeCloseTo(1 * 4.2, 9);
  });

  test("is nothing if all is finished", () => {
    const plan = planOf({});
    const { cloud } = planOutlook(plan, { ...inputs, finished: new Set(plan.trials.map(({ id }) => id)) });

    expect(cloud.instances.map(({ onDemand }) => onDemand.high)).toEqual([0, 0, 0]);
  });

  test("says which instances are too small", () => {
    const trial = trialOf({});
    const plan = planOf({ "training.batchSize": 50_000 });
    const small = { ...prices, instances: prices.instances.map((entry) => ({ ...entry, gpuMemoryGibibytes: 1.5 })) };

    expect(estimateGpuMemory(trial).device).toBeLessThan(1.5 * 2 ** 30);
    expect(planOutlook(plan, { ...inputs, prices: small }).cloud.instances.every(({ fits }) => !fits)).toBe(true);
  });
});
