import { describe, expect, test } from "vitest";
import type { PlannedDataset } from "../../src/plan/plan.ts";
import { resolveTrial } from "../../src/plan/resolve-trial.ts";
import { estimateMemory } from "../../src/plan/estimate.ts";
import { formatPath } from "../../src/spec/issue.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { issuesOf, mnist, planOf } from "./experiment-of.ts";

type Changes = Readonly<Record<string, YamlValue>>;

const counted: PlannedDataset = {
  ...mnist,
  classCounts: {
    train: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    test: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
  },
};
const photos: PlannedDataset = {
  ...counted,
  name: "photos",
  imageShape: [30, 20, 3],
  mixedSizes: ["train/cat/a.jpg is 40×20", "train/cat/b.jpg is 30×60"],
  storedBytes: 1_000_000,
};
const folder = {
  "data.dataset": { format: "images", folder: "photos" },
  "data.validation": { fraction: 0.1, from: "random" },
};

const inputOf = (changes: Changes, dataset = counted) => planOf(changes, dataset).models[0]?.inputShape;
const idOf = (changes: Changes) => planOf(changes, counted).trials[0]?.id;

/** The only issue of an experiment as `code path: message; fix`. */
function issueOf(changes: Changes, dataset = counted): string {
  const issues = issuesOf(changes, dataset);
  return issues.map(({ code, path, message, fix }) => `${code} ${formatPath(path)}: ${message}; ${fix}`).join("\n");
}

describe("the network's input", () => {
  test.each<[string, YamlValue, readonly number[]]>([
    ["the image as it is", [], [28, 28, 1]],
    ["resized", [{ resize: { height: 40, width: 30 } }], [40, 30, 1]],
    ["resized with padding", [{ resizeWithPad: { height: 224, width: 224 } }], [224, 224, 1]],
    ["cropped", [{ centerCrop: { height: 24, width: 20 } }], [24, 20, 1]],
    ["of three equal channels", [{ resize: { height: 32, width: 32 } }, { repeatChannels: 3 }], [32, 32, 3]],
  ])("is %s", (_, preprocess, shape) => {
    expect(inputOf({ "data.preprocess": preprocess })).toEqual(shape);
  });

  test("has one size whatever the sizes of the images are", () => {
    const changes = { ...folder, "data.preprocess": [{ centerCrop: { height: 30, width: 20 } }] };

    expect(inputOf(changes, photos)).toEqual([30, 20, 3]);
  });
});

describe("the id of a trial", () => {
  test("is the same as before these fields existed", () => {
    expect(idOf({})).toBe("0e56053f41f9cfb07f43");
  });

  test.each<[string, Changes]>([
    ["scale: unit", { "data.scale": "unit" }],
    ["no preprocessing", { "data.preprocess": [] }],
    ["no augmentation", { "data.augment": [] }],
    ["from: end", { "data.validation": { fraction: 0.1, from: "end" } }],
    ["shuffle: true", { "training.shuffle": true }],
  ])("does not depend on a default that is written out: %s", (_, changes) => {
    expect(idOf(changes)).toBe(idOf({}));
  });

  test("differs with every other choice", () => {
    const choices: readonly Changes[] = [
      {},
      { "data.scale": "none" },
      { "data.scale": "standardize" },
      { "data.preprocess": [{ resize: { height: 28, width: 28 } }] },
      { "data.augment": [{ flip: "horizontal" }] },
      { "data.augment": [{ flip: "vertical" }] },
      { "data.subset": { train: { first: 1000 } } },
      { "data.subset": { train: { random: 1000 } } },
      { "data.subset": { train: { random: 1000, seed: 1 } } },
      { "data.subset": { train: { perClass: 100 } } },
      { "data.subset": { test: { random: 1000 } } },
      { "data.validation.from": "start" },
      { "data.validation.from": "random" },
      { "data.validation": { fraction: 0.1, from: "random", seed: 1 } },
      { "data.validation.from": "stratified" },
      { "training.shuffle": false },
      { "training.shuffle": { buffer: 1000 } },
      { "training.shuffle": { buffer: 2000 } },
    ];

    expect(new Set(choices.map(idOf)).size).toBe(choices.length);
  });

  test("is the same with a seed of a draw that is the default", () => {
    const from = { "data.validation": { fraction: 0.1, from: "random" } };

    expect(idOf({ "data.validation": { fraction: 0.1, from: "random", seed: 0 } })).toBe(idOf(from));
  });
});

describe("refused, with what to do, is", () => {
  test("a subset per class with more than a class has, naming the class", () => {
    expect(issueOf({ "data.subset.train": { perClass: 5900 } })).toBe(
      'subset-too-large data.subset.train.perClass: got 5,900, but the class "5" of "mnist" has only 5,421 training examples, and 2 other classes have too few; use at most 5421',
    );
  });

  test("a random subset of more examples than there are", () => {
    expect(issueOf({ "data.subset.test": { random: 10_001 } })).toBe(
      'subset-too-large data.subset.test.random: got 10,001, but the data set "mnist" has 10,000 test examples; use at most 10000, or leave `random` out to take all',
    );
  });

  test("a validation part that the data set doesn't have", () => {
    expect(issueOf({ "data.validation": { split: "validation" } })).toMatch(
      /^no-validation-part data\.validation\.split: the data set "mnist" has no validation part of its own; write/,
    );
  });

  test("a stratified validation part smaller than the number of classes", () => {
    const changes = { "data.subset.train": { first: 500 }, "data.validation": { fraction: 0.01, from: "stratified" } };

    expect(issueOf({ ...changes, "training.batchSize": 10 })).toMatch(
      /^too-few-to-stratify data\.validation\.fraction: 5 examples are held out, fewer than the 10 classes/,
    );
  });

  test("the end of an image folder as its validation part: only the last classes are there", () => {
    const changes = {
      ...folder,
      "data.preprocess": [{ resize: { height: 8, width: 8 } }],
      "data.validation": { fraction: 0.1 },
    };

    expect(issueOf(changes, photos)).toBe(
      "sorted-by-class data.validation: the images of a folder are in the order of their classes: `from: end` would hold out the last classes and learn only the others; write `from: stratified`, or `split: validation` if the folder has a validation part",
    );
  });

  test("the first images of a folder as a subset", () => {
    const changes = {
      ...folder,
      "data.preprocess": [{ resize: { height: 8, width: 8 } }],
      "data.subset.test": { first: 20 },
    };

    expect(issueOf(changes, photos)).toMatch(
      /^sorted-by-class data\.subset\.test\.first: .*; write `random: 20`, or `perClass`$/,
    );
  });

  test("images of several sizes without a step that makes them one, naming files", () => {
    expect(issueOf({ ...folder, "data.preprocess": [] }, photos)).toBe(
      'mixed-image-sizes data.preprocess: the images of "photos" are not of one size: train/cat/a.jpg is 40×20, train/cat/b.jpg is 30×60; add a step, e.g. `preprocess: [{ resizeWithPad: { height: 64, width: 64 } }]`',
    );
  });

  test("a crop larger than the image", () => {
    expect(issueOf({ "data.preprocess": [{ centerCrop: { height: 28, width: 29 } }] })).toBe(
      "crop-too-large data.preprocess[0].centerCrop.width: got 29, but the images are 28×28×1 at this step; use at most 28, or put a `resize` before it",
    );
  });

  test("a crop larger than the smallest image", () => {
    const changes = { ...folder, "data.preprocess": [{ centerCrop: { height: 31, width: 20 } }] };

    expect(issueOf(changes, photos)).toMatch(
      /crop-too-large .*: got 31, but the smallest images are 30×20×3 at this step/,
    );
  });

  test("repeating the channels of colour images", () => {
    const changes = { "data.preprocess": [{ repeatChannels: 3 }, { repeatChannels: 2 }] };

    expect(issueOf(changes)).toMatch(
      /^not-grey data\.preprocess\[1\]\.repeatChannels: .* these are 28×28×3; remove this step$/,
    );
  });

  test("a frame in which nothing of the image would be left", () => {
    const long = { ...counted, imageShape: [1, 100, 1] as const };
    const changes = {
      "data.preprocess": [{ resizeWithPad: { height: 10, width: 10 } }],
      "model.layers": ["flatten", { dense: { units: 10, activation: "softmax" } }],
    };

    expect(issueOf(changes, long)).toMatch(
      /^resize-to-nothing .*: images of 1×100×1 would be squeezed to 0×10 to fit into 10×10;/,
    );
  });

  test.each<[string, YamlValue, string]>([
    [
      "a shift",
      { shiftCrop: { padding: 28 } },
      "data.augment[0].shiftCrop.padding: got 28, but the images are 28×28×1: some would be all black; use at most 27",
    ],
    [
      "a cutout",
      { cutout: { size: 29 } },
      "data.augment[0].cutout.size: got 29, but the images are 28×28×1: some would be all black; use at most 28",
    ],
  ])("%s that may leave nothing of the image", (_, step, expected) => {
    expect(issueOf({ "data.augment": [step] })).toBe(`augmentation-too-large ${expected}`);
  });
});

describe("the memory of a worker", () => {
  const memoryOf = (changes: Changes, dataset = counted) => estimateMemory(resolveTrial(planOf(changes, dataset), 0));

  test("holds one batch of what needs no preparation", () => {
    expect(memoryOf({ "evaluation.batchSize": 2000 }).batches).toBe(4 * 2000 * 784);
  });

  test("holds three small batches of what is prepared ahead, two large ones", () => {
    const resized = (side: number) =>
      memoryOf({
        "data.preprocess": [{ resize: { height: side, width: side } }],
        "training.batchSize": 100,
        "evaluation.batchSize": 100,
      });

    expect(resized(32).batches).toBe(3 * 4 * 100 * 32 * 32);
    expect(resized(400).batches).toBe(2 * 4 * 100 * 400 * 400);
  });

  test("holds images as they are stored where that is not one byte a value", () => {
    const changes = { ...folder, "data.preprocess": [{ resize: { height: 32, width: 32 } }] };

    expect(memoryOf(changes, photos).data).toBe(1_000_000);
  });
});
