import { describe, expect, test } from "vitest";
import { parseSection } from "../../src/spec/parse-section.ts";
import { expectMistake, type Mistake } from "./expect-mistake.ts";

const data = (lines: string): string => `data:\n  dataset: mnist\n  ${lines}`;

const mistakes: Readonly<Record<string, readonly Mistake[]>> = {
  "choices of examples": [
    [
      "two of them at once",
      "data",
      data("subset: { train: { first: 3, random: ▶4 } }"),
      "data.subset.train.random",
      "got `first` and `random`, expected only one of `first`, `random`, `perClass`",
      "remove `random`, or remove `first`",
    ],
    [
      "a misspelt one",
      "data",
      data("subset: { train: { ▶perclass: 4 } }"),
      "data.subset.train.perclass",
      'unknown key "perclass", expected one of first, random, seed, perClass',
      "did you mean `perClass`?",
    ],
    [
      "none",
      "data",
      data("subset: { ▶train: {} }"),
      "data.subset.train",
      "missing, expected one of `first`, `random`, `perClass`",
      "write e.g. `{ first: 10000 }`",
    ],
    [
      "a seed where nothing is drawn",
      "data",
      data("validation: { fraction: 0.1, seed: ▶3 }"),
      "data.validation.seed",
      "got `seed` for a validation part that is not drawn; only `from: random` and `stratified` draw",
      "remove `seed`, or write `from: random`",
    ],
    [
      "a fraction of a given validation part",
      "data",
      data("validation: { fraction: 0.1, split: ▶validation }"),
      "data.validation.split",
      "got `fraction` and `split`, expected only one of `fraction`, `split`",
      "remove `split`, or remove `fraction`",
    ],
    [
      "another part as the validation part",
      "data",
      data("validation: { split: ▶test }"),
      "data.validation.split",
      'got "test" (string), expected "validation"',
      "write e.g. `split: validation`",
    ],
    [
      "an unknown place to take the validation part from",
      "data",
      data("validation: { fraction: 0.1, from: ▶middle }"),
      "data.validation.from",
      'got "middle" (string), expected one of end, start, random, stratified',
      "write e.g. `from: end`",
    ],
  ],
  "preparation steps": [
    [
      "a misspelt step",
      "data",
      data("preprocess: [{ ▶rezise: { height: 2, width: 2 } }]"),
      "data.preprocess[0].rezise",
      'unknown key "rezise", expected one of resize, resizeWithPad, centerCrop, repeatChannels',
      "did you mean `resize`?",
    ],
    [
      "two steps in one entry",
      "data",
      data("preprocess: [{ resize: { height: 2, width: 2 }, repeatChannels: ▶3 }]"),
      "data.preprocess[0].repeatChannels",
      "got `resize` and `repeatChannels`, expected only one of `resize`, `resizeWithPad`, `centerCrop`, `repeatChannels`",
      "remove `repeatChannels`, or remove `resize`; list entries of their own may hold both",
    ],
    [
      "a single step that is not in a list",
      "data",
      data("preprocess: ▶{ repeatChannels: 3 }"),
      "data.preprocess",
      "got a map (keys: repeatChannels), expected a list",
      "write a list: `preprocess: [{ repeatChannels: 3 }]`",
    ],
    [
      "one number as the size",
      "data",
      data("preprocess: [{ resize: ▶224 }]"),
      "data.preprocess[0].resize",
      "got 224 (number), expected a map (keys: height, width)",
      "write e.g. `resize: { height: 224, width: 224 }`",
    ],
    [
      "a size without its width",
      "data",
      data("preprocess: [{ ▶resize: { height: 224 } }]"),
      "data.preprocess[0].resize.width",
      "missing, expected a whole number from 1 to 16384",
      "add e.g. `width: 224` (width of the result in pixels)",
    ],
    [
      "a direction of flips that there is not",
      "data",
      data("augment: [{ flip: ▶left }]"),
      "data.augment[0].flip",
      'got "left" (string), expected one of horizontal, vertical',
      "write e.g. `flip: horizontal`",
    ],
    [
      "a step without its parameters",
      "data",
      data("augment: [▶flip]"),
      "data.augment[0]",
      'got "flip" (string), expected a map (keys: flip, shiftCrop, rotate, cutout)',
      "write e.g. `{ flip: horizontal }`",
    ],
    [
      "more than half a turn",
      "data",
      data("augment: [{ rotate: { degrees: ▶200 } }]"),
      "data.augment[0].rotate.degrees",
      "got 200 (number), expected a number > 0 and ≤ 180",
      "write e.g. `degrees: 15`",
    ],
    [
      "an unknown scale",
      "data",
      data("scale: ▶normal"),
      "data.scale",
      'got "normal" (string), expected one of unit, none, standardize',
      "write e.g. `scale: unit`",
    ],
  ],
  "data sets": [
    [
      "a name with another separator",
      "data",
      "data: { dataset: ▶fashion_mnist }",
      "data.dataset",
      'got "fashion_mnist" (string), expected one of mnist, fashion-mnist, cifar10, cifar100 or a map (keys: format, folder, labels)',
      "did you mean `fashion-mnist`?",
    ],
    [
      "labels of an image folder",
      "data",
      "data:\n  dataset: { format: images, folder: photos, labels: ▶fine }",
      "data.dataset.labels",
      "got `labels` with a format other than cifar100; only CIFAR-100 has two kinds of labels",
      "remove `labels`, or write `format: cifar100`",
    ],
  ],
  shuffling: [
    [
      "the buffer's size alone",
      "training",
      "training:\n  epochs: 5\n  shuffle: ▶1000",
      "training.shuffle",
      "got 1000 (number), expected true or false or a map (keys: buffer)",
      "write e.g. `shuffle: true`",
    ],
    [
      "an empty buffer",
      "training",
      "training:\n  epochs: 5\n  shuffle: { buffer: ▶0 }",
      "training.shuffle.buffer",
      "got 0 (number), expected a whole number ≥ 1",
      "write e.g. `buffer: 1000`",
    ],
  ],
};

describe.each(Object.entries(mistakes))("%s", (_, cases) => {
  test.each(cases)("%s", (_name, ...mistake) => expectMistake(mistake));
});

test("what is absent stays absent, so that no id of an earlier experiment changes", () => {
  const parsed = parseSection("data", { dataset: "mnist", validation: { fraction: 0.1 } });

  expect("value" in parsed && parsed.value).toEqual({
    dataset: "mnist",
    subset: {},
    validation: { fraction: 0.1, from: "end" },
  });
});

test("a draw without a seed is the draw of seed 0", () => {
  const parsed = parseSection("data", { dataset: "mnist", subset: { train: { random: 256 }, test: { perClass: 2 } } });

  expect("value" in parsed && parsed.value.subset).toEqual({
    train: { random: 256, seed: 0 },
    test: { perClass: 2, seed: 0 },
  });
});
