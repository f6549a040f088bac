import { describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import type { Provenance } from "../../src/record/provenance.ts";
import type { RunRecords } from "../../src/record/run-records.ts";
import { decodeCounts, decodeCurves } from "../../src/report/block-format.ts";
import { collectReportData } from "../../src/report/collect-report-data.ts";
import { type LeftOut, trialBlocks } from "../../src/report/report-blocks.ts";
import type { ReportBlock } from "../../src/report/report-data.ts";
import { sampleRecords } from "./sample-records.ts";

const collect = (records: RunRecords) => collectReportData(records, compareRun(records));

async function blocksOf(
  records: RunRecords,
  options: { readonly maxCells?: number } = {},
): Promise<{ blocks: ReportBlock[]; leftOut: LeftOut }> {
  const leftOut: LeftOut = { curves: 0, matrices: 0, stepLogs: 0 };
  const loaded = trialBlocks(compareRun(records), records.trials, (trials, take) => Promise.resolve(trials.map(take)), {
    leftOut,
    ...options,
  });
  const blocks: ReportBlock[] = [];
  for await (const block of loaded) blocks.push(block);
  return { blocks, leftOut };
}

describe("what a report shows", () => {
  test("the curves of all trials are there, those of the best configuration first, rounded to five digits", async () => {
    const records = sampleRecords();
    const { blocks } = await blocksOf(records);
    const curves = blocks.filter(({ kind }) => kind === "curves").flatMap(({ bytes }) => decodeCurves(bytes));
    const [best] = compareRun(records).configurations;

    expect(curves).toHaveLength(12);
    const first = records.trials[curves[0]?.trial ?? -1];
    expect(records.plan.configurations[first?.trial.configuration ?? -1]?.id).toBe(best?.configurationId);
    const lines = (first?.metrics ?? []).filter((line) => line.kind === "epoch");
    expect(curves[0]?.epochs).toEqual([1, 2, 3, 4, 5]);
    expect(curves[0]?.steps).toEqual(lines.map(({ step }) => step));
    for (const [index, { loss }] of lines.entries())
      expect(Math.abs((curves[0]?.values.trainLoss?.[index] ?? 0) / loss - 1)).toBeLessThan(2 ** -16);
  });

  test("step logs are in blocks of their own, thinned out to a thousand lines each", async () => {
    const records = sampleRecords({ hasStepLog: true });
    const [first] = records.trials;
    if (first === undefined) throw new Error("the sample has no trial");
    const [line] = first.metrics.filter(({ kind }) => kind === "step");
    const long = Array.from({ length: 2500 }, (_, index) => ({ ...line, step: index + 1 })) as typeof first.metrics;
    const trials = [{ ...first, metrics: long }, ...records.trials.slice(1)];

    const { blocks, leftOut } = await blocksOf({ ...records, trials });

    const logs = blocks.filter(({ kind }) => kind === "steps").flatMap(({ bytes }) => decodeCurves(bytes));
    const [thinned, whole] = [logs.find(({ trial }) => trial === 0), logs.find(({ trial }) => trial === 1)];
    expect(logs).toHaveLength(11);
    expect(leftOut.stepLogs).toBe(0);
    expect([thinned?.steps.length, thinned?.steps.slice(0, 2), thinned?.steps.at(-1)]).toEqual([833, [3, 6], 2499]);
    const recorded = records.trials[1]?.metrics.filter(({ kind }) => kind === "step") ?? [];
    expect(whole?.steps).toEqual(recorded.map(({ step }) => step));
    expect(whole?.values.trainLoss?.[0]).toBeCloseTo(1.98, 4);
  });

  test("the matrices of all finished trials are there as they were recorded", async () => {
    const records = sampleRecords();
    const { blocks, leftOut } = await blocksOf(records);
    const counts = blocks.filter(({ kind }) => kind === "counts").flatMap(({ bytes }) => decodeCounts(bytes));

    expect(counts).toHaveLength(11);
    for (const { trial, counts: own } of counts) expect(own).toEqual(records.trials[trial]?.confusion?.counts);
    expect(leftOut.matrices).toBe(0);
  });

  test("matrices that there is no room for are left out and counted", async () => {
    const { blocks, leftOut } = await blocksOf(sampleRecords(), { maxCells: 1050 });

    // Eleven matrices of 100 cells.
    expect(blocks.filter(({ kind }) => kind === "counts").flatMap(({ trials }) => trials)).toHaveLength(10);
    expect(leftOut.matrices).toBe(1);
  });

  test("every configuration says what it is made of, each section once", () => {
    const { settings, comparison } = collect(sampleRecords());

    expect([settings.data.length, settings.model.length, settings.training.length]).toEqual([1, 2, 2]);
    const rates = comparison.configurations.map(({ values }) => values["training.optimizer.learningRate"]);
    const found = settings.configurations.map(({ training }) => JSON.stringify(settings.training[training]));
    for (const [index, rate] of rates.entries()) expect(found[index]).toContain(`"learningRate":${String(rate)}`);
  });

  test("time that led to results is told from what was computed and what earlier runs saved", () => {
    const records = sampleRecords();
    const trials = records.trials.map((record, index) => (index === 0 ? { ...record, cachedFrom: "earlier" } : record));
    const sessions = [{ computingSeconds: 600, paidSeconds: 900 }];

    const { costs } = collectReportData({ ...records, trials }, compareRun(records), { sessions, pricePerHour: 2 });

    // 11 finished trials, of which the first one of 47 s was taken over: 3 × (47 + 48 + 49) + 47 + 48 − 47 s.
    expect(costs.usefulSeconds).toBe(480);
    expect(costs.savedSeconds).toBe(47);
    expect([costs.computingSeconds, costs.paidSeconds, costs.gpuSeconds, costs.pricePerHour]).toEqual([600, 900, 0, 2]);
    expect(costs.attempts).toEqual(Array.from({ length: 12 }, () => 1));
  });

  test("what a session that goes on has not yet written down is not taken for nothing", () => {
    const records = sampleRecords();
    const sessions = [{ computingSeconds: 2, paidSeconds: 3 }];

    const { costs } = collectReportData(records, compareRun(records), { sessions });

    expect(costs.usefulSeconds).toBeGreaterThan(2);
    expect([costs.computingSeconds, costs.paidSeconds]).toEqual([undefined, undefined]);
  });

  test("costs are counted at the price that was given: for the report, else for the newest session that has one", () => {
    const records = sampleRecords();
    const session = { computingSeconds: 600, paidSeconds: 900 };
    const sessions = [{ ...session, pricePerHour: 1 }, { ...session, pricePerHour: 3 }, session];
    const priceWith = (pricePerHour?: number) =>
      collectReportData(records, compareRun(records), { sessions, pricePerHour }).costs.pricePerHour;

    expect([priceWith(), priceWith(2)]).toEqual([3, 2]);
  });

  test("provenance names plan, data and machine", () => {
    const facts = collect(sampleRecords()).provenance.flatMap(({ facts }) => facts);
    const values = new Map(facts.map(({ label, value }) => [label, value]));

    expect(values.get("Plan")).toBe("9d3c5a7be01f44e2ab10");
    expect(values.get("SHA-256")).toBe("5f2b0d1c9a7e".padEnd(64, "3"));
    expect(values.get("Engine")).toBe("wasm 4.22.0");
    expect(values.get("From")).toBe("2026-11-22 03:10:00 UTC");
    // 11 finished trials: 3 × (47 + 48 + 49) s, and 47 + 48 s of the configuration with a failed one.
    expect(values.get("Training time, all trials")).toBe("8 min 47 s");
  });

  test("provenance names the command, the project's commit and how to reproduce a trial", () => {
    const records = sampleRecords();
    const origin: Provenance = {
      schemaVersion: 1,
      nightsweep: { version: "0.1.0", resultsVersion: 1 },
      command: ["nightsweep", "run", "my file.yaml"],
      workingFolder: "/home/me",
      experimentFile: { name: "/home/me/my file.yaml", sha256: "ab" },
      project: { commit: "c0ffee", isDirty: true, patch: { sha256: "1234", bytes: 10 } },
      libraries: { zod: "4.6.7", yaml: "2.9.1" },
      runtime: { node: "22.1.0" },
    };

    const { provenance } = collect({ ...records, provenances: new Map([["0123", origin]]) });
    const values = new Map(provenance.flatMap(({ facts }) => facts).map(({ label, value }) => [label, value]));

    expect(values.get("Command")).toBe("nightsweep run 'my file.yaml'");
    expect(values.get("Project's commit")).toBe("c0ffee");
    expect(values.get("Changes since")).toBe("provenance/1234.patch");
    expect(values.get("Libraries")).toBe("zod 4.6.7, yaml 2.9.1");
    expect(values.get("To reproduce a trial")).toBe(
      `nightsweep reproduce ${records.experiment} best --run ${records.runId}`,
    );
  });
});
