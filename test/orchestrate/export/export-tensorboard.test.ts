import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportTensorboard } from "../../../src/orchestrate/export/export-tensorboard.ts";
import type { ExportedRun } from "../../../src/orchestrate/export/export-tables.ts";
import { askPython, lacksReaders, readersReason } from "./exports-python.ts";
import { sampleRun } from "./exported-run.ts";

interface SeenByTensorboard {
  readonly runs: Readonly<Record<string, Readonly<Record<string, readonly (readonly number[])[]>>>>;
  readonly hyperParameters: readonly (readonly unknown[])[];
  readonly metrics: readonly string[];
  readonly groups: readonly {
    readonly name: string;
    readonly hyperParameters: Readonly<Record<string, unknown>>;
    readonly metrics: Readonly<Record<string, number>>;
    readonly statuses: readonly number[];
  }[];
}

const createdAt = "2026-11-22T03:00:00.000Z";
let folder = "";
let run: ExportedRun;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-events-"));
  run = await sampleRun();
  await exportTensorboard(run, { folder, createdAt });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(lacksReaders)(`TensorBoard opens an exported run${readersReason}`, () => {
  let seen: SeenByTensorboard;

  beforeAll(async () => {
    seen = (await askPython("read-events.py", [folder])) as SeenByTensorboard;
  });

  test("with a curve for each figure of each trial, by epoch, at the time it was measured", () => {
    const [record] = run.records.trials;
    const curves = seen.runs[`lenet5,learningRate=0.001,seed=1-${record?.trial.id.slice(0, 8)}`];
    const start = Date.parse(record?.environment?.startedAt ?? "") / 1000;

    expect(curves?.["loss/validation"]).toEqual(
      record?.metrics.map((line, index) => [
        line.epoch,
        Math.fround(line.kind === "epoch" ? (line.validation?.loss ?? NaN) : NaN),
        start + 1.5 * (index + 1),
      ]),
    );
    expect(Object.keys(curves ?? {})).toEqual(
      expect.arrayContaining(["loss/train", "accuracy/train", "accuracy/validation", "learningRate"]),
    );
    expect(Object.keys(seen.runs)).toHaveLength(12);
  });

  test("with the sweep's fields and values in the HParams plugin", () => {
    expect(seen.hyperParameters).toEqual([
      ["model", "model", 1, ["lenet5", "mlp"]],
      ["training.optimizer.learningRate", "learningRate", 3, [0.001, 0.01]],
    ]);
    expect(seen.metrics).toContain("final/testAccuracy");
  });

  test("with a line for each configuration, its figures the means over the seeds", () => {
    const { configurations } = run.comparison;

    expect(seen.groups.map(({ name }) => name).sort()).toEqual(
      configurations.map(({ configurationId }) => configurationId as string).sort(),
    );
    for (const { name, hyperParameters, metrics } of seen.groups) {
      const row = configurations.find(({ configurationId }) => configurationId === name);
      expect(hyperParameters).toEqual(row?.values);
      expect(metrics["final/testAccuracy"]).toBeCloseTo(row?.metrics.testAccuracy?.mean ?? NaN, 6);
    }
  });

  test("with the failed trial marked as failed, and its two epochs", () => {
    const statuses = seen.groups.map(({ statuses }) => statuses.toSorted((a, b) => a - b).join(" "));
    const failed = Object.entries(seen.runs).find(([name]) => name.startsWith("mlp,learningRate=0.01,seed=3"));

    expect(statuses.sort()).toEqual(["1 1 1", "1 1 1", "1 1 1", "1 1 2"]);
    expect(failed?.[1]["loss/train"]).toHaveLength(2);
    expect(failed?.[1]).not.toHaveProperty("final/testAccuracy");
  });
});

test("exporting for TensorBoard again replaces the files", async () => {
  const before = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

  await exportTensorboard(run, { folder, createdAt });

  expect(readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()).toEqual(before);
});
