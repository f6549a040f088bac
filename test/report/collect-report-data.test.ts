import { describe, expect, test } from "vitest";
import type { Provenance } from "../../src/record/provenance.ts";
import { collectReportData } from "../../src/report/collect-report-data.ts";
import { sampleRecords } from "./sample-records.ts";

describe("what a report shows", () => {
  test("matrices are there for each configuration and for each finished trial, best configuration first", () => {
    const { confusions, omittedConfusionCount } = collectReportData(sampleRecords());

    expect(confusions.filter(({ type }) => type === "configuration").map(({ label }) => label)).toEqual([
      "lenet5 · learningRate 0.001 · seeds 1, 2, 3",
      "lenet5 · learningRate 0.01 · seeds 1, 2, 3",
      "mlp · learningRate 0.001 · seeds 1, 2, 3",
      "mlp · learningRate 0.01 · seeds 1, 2",
    ]);
    expect(confusions.filter(({ type }) => type === "trial")).toHaveLength(11);
    expect(omittedConfusionCount).toBe(0);
  });

  test("a single seed's matrix is shown once, as its configuration's", () => {
    const { confusions } = collectReportData(sampleRecords({ seeds: [7], hasFailure: false }));

    expect(confusions.map(({ type }) => type)).toEqual(Array.from({ length: 4 }, () => "configuration"));
  });

  test("matrices beyond what a browser draws quickly are left out and counted", () => {
    const classNames = Array.from({ length: 650 }, (_, index) => String(index));

    const { confusions, omittedConfusionCount } = collectReportData(sampleRecords({ classNames, examplesPerClass: 3 }));

    expect([confusions.length, omittedConfusionCount]).toEqual([9, 6]);
  });

  test("provenance names plan, data and machine", () => {
    const facts = collectReportData(sampleRecords()).provenance.flatMap(({ facts }) => facts);
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

    const { provenance } = collectReportData({ ...records, provenances: new Map([["0123", origin]]) });
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
