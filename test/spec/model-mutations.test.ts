import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPath } from "../../src/spec/issue.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { readAtPath, setAtPath } from "../../src/spec/sweep-path.ts";

const good: YamlValue = {
  name: "network",
  data: { dataset: "mnist" },
  model: {
    initialWeights: { trial: "teacher:best", exclude: ["head"] },
    blocks: {
      vgg: {
        params: ["n", "filters"],
        layers: [
          { repeat: { times: "$n", layers: [{ conv2d: { filters: "$filters", kernelSize: 3, padding: "same" } }] } },
          { maxPooling2d: {} },
        ],
      },
      wide: { params: ["f"], layers: [{ vgg: { n: 1, filters: "$f" } }, "norm"] },
      norm: { layers: ["batchNormalization", { activation: { activation: { type: "leakyRelu" } } }] },
    },
    layers: [
      { vgg: { n: 2, filters: 8 } },
      { residual: { layers: [{ wide: { f: 8 } }], shortcut: [{ averagePooling2d: {} }], activation: "relu" } },
      { concat: { branches: [[], [{ depthwiseConv2d: { kernelSize: [3, 3], padding: "same" } }, "norm"]] } },
      {
        zeroPadding2d: {
          padding: [
            [0, 1],
            [1, 0],
          ],
        },
      },
      { separableConv2d: { filters: 4, kernelSize: 3, pointwiseRegularizer: { l2: 0.001 }, trainable: false } },
      "globalAveragePooling2d",
      { gaussianNoise: { stddev: 0.1 } },
      { dense: { name: "head", units: 10, activation: "softmax" } },
    ],
  },
  training: { epochs: 1 },
};

/** Every path below a value. */
function* pathsOf(value: YamlValue, path: readonly (string | number)[]): Generator<readonly (string | number)[]> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value))
    yield* pathsOf(child, [...path, Array.isArray(value) ? Number(key) : key]);
}

const paths = [...pathsOf(readAtPath(good, ["model"]) as YamlValue, ["model"])].slice(1);
const odd = fc.constantFrom<YamlValue>(
  null,
  [],
  {},
  -1,
  0.5,
  "",
  "$",
  "$n",
  "$missing",
  "vgg",
  "norm",
  [[["vgg"]]],
  { vgg: null },
  { vgg: { n: "$n", filters: [1] } },
  { wide: { f: { wide: { f: 1 } } } },
  { $block: { name: "x", layers: [], mistakes: [] } },
  { params: "n", layers: "norm" },
  { layers: ["wide"] },
);

describe("a model with a value replaced by any other", () => {
  test("is accepted, or told what is wrong with positions and fixes", () => {
    let refused = 0;

    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...paths), odd), { minLength: 1, maxLength: 3 }), (changes) => {
        const document = changes.reduce<YamlValue>((current, [path, value]) => {
          const changed = setAtPath(current, path, value);
          return "document" in changed ? changed.document : current;
        }, good);

        const result = parseExperiment(JSON.stringify(document, null, 1), "network.yaml");

        if (!("issues" in result)) return;
        refused++;
        expect(result.issues.length).toBeGreaterThan(0);
        for (const { path, message, fix, position } of result.issues) {
          expect(formatPath(path)).not.toMatch(/\]\.\$block\.layers/);
          expect([message, fix, position?.line].every(Boolean)).toBe(true);
        }
      }),
      { numRuns: 1500, seed: 11 },
    );

    expect(refused).toBeGreaterThan(1000);
  });

  test("which is nothing but the good one is accepted", () => {
    expect(parseExperiment(JSON.stringify(good), "network.yaml")).not.toHaveProperty("issues");
  });
});
