import { expect, test } from "vitest";
import { learningCurves } from "../../src/compare/learning-curves.ts";
import type { MetricsLine } from "../../src/record/trial-record.ts";
import { runRecordsOf } from "./run-records-of.ts";

const line = { kind: "epoch", step: 1, learningRate: 0.1, loss: 1, accuracy: 0.5 } as const;

function curvesOfLines(...metrics: readonly MetricsLine[][]): ReturnType<typeof learningCurves>["configurations"] {
  const records = runRecordsOf([{ seeds: metrics.map(() => ({})) }]);
  const trials = records.trials.map((record, index) => ({ ...record, metrics: metrics[index] ?? [] }));
  return learningCurves({ ...records, trials }).configurations;
}

test("a curve has mean, minimum and maximum over the seeds, epoch by epoch", () => {
  const records = runRecordsOf([{ seeds: [{ curve: [0.5, 0.25] }, { curve: [1, 0.75] }] }]);

  const { configurations } = learningCurves(records);

  expect(configurations[0]?.curves.trainLoss).toEqual({
    epochs: [1, 2],
    mean: [0.75, 0.5],
    min: [0.5, 0.25],
    max: [1, 0.75],
    seedCounts: [2, 2],
  });
  expect(configurations[0]?.curves.trainAccuracy?.mean).toEqual([0.25, 0.5]);
});

test("a seed that stopped early counts as far as it got", () => {
  const records = runRecordsOf([{ seeds: [{ curve: [0.5, 0.25] }, { state: "started", curve: [1] }] }]);

  const curve = learningCurves(records).configurations[0]?.curves.trainLoss;

  expect(curve?.mean).toEqual([0.75, 0.25]);
  expect(curve?.seedCounts).toEqual([2, 1]);
});

test("curves that nothing was recorded for are absent, and so are configurations without an epoch", () => {
  const records = runRecordsOf([{ seeds: [{ state: "pending" }] }, { id: "b", seeds: [{ curve: [0.5] }] }]);

  const { configurations } = learningCurves(records);

  expect(configurations.map(({ configurationId }) => configurationId.slice(0, 1))).toEqual(["b"]);
  expect(Object.keys(configurations[0]?.curves ?? {})).toEqual(["trainLoss", "trainAccuracy"]);
});

test("validation and test curves hold the epochs that were evaluated", () => {
  const [configuration] = curvesOfLines([
    { ...line, epoch: 1, validation: { loss: 0.9, accuracy: 0.6 } },
    { ...line, epoch: 2, validation: { loss: 0.8, accuracy: 0.7 }, test: { loss: 0.7, accuracy: 0.75 } },
  ]);

  expect(configuration?.curves.validationLoss).toMatchObject({ epochs: [1, 2], mean: [0.9, 0.8] });
  expect(configuration?.curves.validationAccuracy).toMatchObject({ epochs: [1, 2], mean: [0.6, 0.7] });
  expect(configuration?.curves.testLoss).toMatchObject({ epochs: [2], mean: [0.7] });
  expect(configuration?.curves.testAccuracy).toMatchObject({ epochs: [2], mean: [0.75] });
});

test("an epoch that was recorded twice counts once, as recorded last", () => {
  const [configuration] = curvesOfLines([
    { ...line, epoch: 1, loss: 4 },
    { ...line, epoch: 1, loss: 2 },
  ]);

  expect(configuration?.curves.trainLoss).toMatchObject({ mean: [2], seedCounts: [1] });
});

test("lines between epochs are left out", () => {
  expect(curvesOfLines([{ ...line, kind: "step", epoch: 1 }])).toEqual([]);
});
