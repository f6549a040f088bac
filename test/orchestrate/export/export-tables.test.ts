import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportTables, tableFormats, type ExportedRun } from "../../../src/orchestrate/export/export-tables.ts";
import { exportedTableNames } from "../../../src/report/export/exported-table.ts";
import { askPython, lacksReaders, readersReason } from "./exports-python.ts";
import { sampleRun } from "./exported-run.ts";

interface ReadBack {
  readonly types: Readonly<Record<string, string>>;
  readonly trials: readonly (readonly unknown[])[];
  readonly curves: readonly (readonly unknown[])[];
  readonly mistakes: readonly (readonly unknown[])[];
  readonly steps: readonly (readonly unknown[])[];
}

let folder = "";
let run: ExportedRun;
const within = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-tables-"));
  run = await sampleRun();
  for (const format of tableFormats) {
    await exportTables(run, { tables: exportedTableNames, format, folder: within(format) });
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(lacksReaders)(`DuckDB reads exported tables${readersReason}`, () => {
  test.each(tableFormats)("%s: every trial, every epoch and every prediction, to the last digit", async (format) => {
    const read = (await askPython("read-tables.py", [within(format), format])) as ReadBack;

    const { records } = run;
    expect(read.trials).toEqual(
      records.trials.map(({ trial, state, environment }) => [
        trial.id,
        trial.seed,
        records.plan.configurations[trial.configuration]?.values["training.optimizer.learningRate"],
        state.type,
        state.type === "finished" ? state.result.test.accuracy : null,
        state.type === "failed" ? state.failure.reason : null,
        environment === undefined ? null : Date.parse(environment.startedAt),
      ]),
    );
    expect(read.curves).toEqual(
      records.trials.flatMap(({ trial, metrics }) =>
        metrics.flatMap((line) =>
          line.kind === "step" ? [] : [[trial.id, line.epoch, line.step, line.loss, line.validation?.loss, 1.5]],
        ),
      ),
    );
    // DuckDB takes a FLOAT of Parquet for what it is: a float32.
    expect(read.mistakes).toEqual([[2, 3, 11, format === "parquet" ? Math.fround(0.51) : 0.51]]);
    expect(read.steps).toEqual([]);
  });

  test("Parquet says what each column is", async () => {
    const { types } = (await askPython("read-tables.py", [within("parquet"), "parquet"])) as ReadBack;

    expect(types).toMatchObject({
      trial: "VARCHAR",
      seed: "BIGINT",
      model: "VARCHAR",
      "training.optimizer.learningRate": "DOUBLE",
      testAccuracy: "DOUBLE",
      startedAt: "TIMESTAMP",
    });
  });
});

describe("exported tables", () => {
  test("are replaced as a whole and leave nothing beside them", async () => {
    const before = readFileSync(within("csv/curves.csv"));

    const [written] = await exportTables(run, { tables: ["curves"], format: "csv", folder: within("csv") });

    expect(readFileSync(within("csv/curves.csv"))).toEqual(before);
    expect(written).toEqual({ file: within("csv/curves.csv"), bytes: before.length, rows: 57 });
    expect(readdirSync(within("csv")).sort()).toEqual(["curves.csv", "predictions.csv", "steps.csv", "trials.csv"]);
  });

  test("that can't be finished leave the old file as it was, and say which record is to blame", async () => {
    const before = readFileSync(within("csv/predictions.csv"));
    const damaged = await sampleRun();
    const key = `${damaged.records.trials[3]?.key}/predictions.csv`;
    await damaged.store.put(key, new TextEncoder().encode("example,label\n"));

    const exporting = exportTables(damaged, { tables: ["predictions"], format: "csv", folder: within("csv") });

    await expect(exporting).rejects.toThrow(`${key}:1: begins with "example,label"`);
    expect(readFileSync(within("csv/predictions.csv"))).toEqual(before);
    expect(readdirSync(within("csv"))).toHaveLength(4);
  });

  test("have a header and no rows if nothing was recorded", () => {
    expect(readFileSync(within("csv/steps.csv"), "utf8")).toBe(
      "trial,configuration,seed,model,training.optimizer.learningRate,epoch,step,loss,accuracy,learningRate\r\n",
    );
    expect(readFileSync(within("json/steps.json"), "utf8")).toBe("[]\n");
  });
});
