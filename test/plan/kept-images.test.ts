import { expect, test } from "vitest";
import { planKeptImages } from "../../src/plan/kept-images.ts";
import { resolveTrial } from "../../src/plan/resolve-trial.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { planOf } from "./experiment-of.ts";

const small = { "data.subset": { train: { first: 1000 }, test: { first: 100 } }, "data.validation.fraction": 0.1 };
const resized = { ...small, "data.preprocess": [{ resize: { height: 32, width: 32 } }] };

function keptOf(changes: Readonly<Record<string, YamlValue>>, epochCount = 2) {
  return planKeptImages(resolveTrial(planOf(changes), 0), epochCount);
}

test("images that are resized are kept as floats, those of the test too if it follows each epoch", () => {
  expect(keptOf(resized)).toEqual({ parts: ["train", "validation"], areBytes: false, bytes: 1000 * 4 * 32 * 32 });
  expect(keptOf({ ...resized, "evaluation.test": "everyEpoch" }).parts).toEqual(["train", "validation", "test"]);
});

test("images that are only cut are kept as bytes", () => {
  const cut = { ...small, "data.preprocess": [{ centerCrop: { height: 20, width: 20 } }] };

  expect(keptOf(cut)).toMatchObject({ areBytes: true, bytes: 1000 * 20 * 20 });
});

test("nothing is kept of a single epoch, of what is not prepared, and of what is drawn anew in each epoch", () => {
  const augmented = { ...small, "data.augment": [{ flip: "horizontal" }] };

  for (const kept of [keptOf(resized, 1), keptOf(small), keptOf(augmented)])
    expect(kept).toMatchObject({ parts: [], bytes: 0 });
});

test("a part that does not fit into 256 MiB is left out, a smaller one kept", () => {
  const large = {
    ...resized,
    "data.subset": { train: { first: 60_000 } },
    "data.preprocess": [{ resize: { height: 64, width: 64 } }],
  };

  // 4·64² bytes an image: 54,000 take 844 MiB, 6,000 take 94 MiB.
  expect(keptOf(large)).toEqual({ parts: ["validation"], areBytes: false, bytes: 6000 * 4 * 64 * 64 });
});
