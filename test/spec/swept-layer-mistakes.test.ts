import { expect, test } from "vitest";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { takeMarks, writeExperiment } from "./written-experiment.ts";

const withLayer = (text: string) =>
  `model:\n  layers:\n    - ${text}\n    - flatten\n    - dense: { units: 10, activation: softmax }`;
const withBlock = (inner: string, use: string) =>
  `model:\n  blocks:\n    stem:\n      params: [n]\n      layers:\n        - ${inner}\n  layers:\n    - ${use}\n    - flatten\n    - dense: { units: 10 }`;

// The swept path names the right type: the misspelt one must be told at its own line, once, and not be overlooked.
test.each<[misspelt: string, meant: string, model: string, path: string]>([
  ["maxPoolng2d", "maxPooling2d", withLayer("▶maxPoolng2d: { poolSize: 2 }"), "layers[0].maxPooling2d.poolSize"],
  ["maxPoolng2d", "maxPooling2d", withLayer("▶maxPoolng2d:"), "layers[0].maxPooling2d.poolSize"],
  ["repeet", "repeat", withLayer("▶repeet: { times: 2, layers: [dropout: { rate: 0.1 }] }"), "layers[0].repeat.times"],
  [
    "dropuot",
    "dropout",
    withLayer("residual: { layers: [▶dropuot: {}] }"),
    "layers[0].residual.layers[0].dropout.rate",
  ],
  [
    "averagPooling2d",
    "averagePooling2d",
    withBlock("▶averagPooling2d: { poolSize: $n }", "stem: { n: 2 }"),
    "blocks.stem.layers[0].averagePooling2d.strides",
  ],
  ["stemm", "stem", withBlock("conv2d: { filters: $n, kernelSize: 3 }", "▶stemm: { n: 2 }"), "layers[0].stem.n"],
])("a layer type %s whose field is swept as that of %s is told where it stands", (misspelt, meant, model, path) => {
  const sweep = `sweep:\n  grid:\n    model.${path}: [2, 3]`;
  const { text, marks } = takeMarks(writeExperiment({ model, sweep }));

  const result = parseExperiment(text, "typo.yaml");

  const issues = "issues" in result ? result.issues : [];
  expect(issues).toHaveLength(1);
  expect(issues[0]).toMatchObject({
    code: "unknown-layer",
    fix: `did you mean \`${meant}\`?`,
    position: { file: "typo.yaml", ...marks[0] },
  });
  expect(issues[0]?.message).toContain(`unknown layer type "${misspelt}"`);
});
