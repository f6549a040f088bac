import path from "node:path";
import { trialFiles } from "../../contract/object-keys.ts";
import type { Comparison } from "../../compare/comparison.ts";
import { loadPredictions } from "../../record/predictions.ts";
import { RecordError } from "../../record/record-error.ts";
import type { RunRecords, TrialRecord } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";
import { trialLog } from "../../report/epoch-log.ts";
import { curveColumns, curveRows, stepColumns } from "../../report/export/curve-rows.ts";
import { csvEncoder, jsonEncoder } from "../../report/export/encode-table.ts";
import type { ExportedTable, ExportedTableName, TableEncoder } from "../../report/export/exported-table.ts";
import { predictionColumns, predictionRows } from "../../report/export/prediction-rows.ts";
import { identityColumns, sweptColumns, trialColumns, trialRows } from "../../report/export/trial-rows.ts";
import type { TableRow } from "../../report/table.ts";
import { readInParts } from "./read-in-parts.ts";
import { writeParts, type FilePart, type WrittenFile } from "./written-file.ts";

/** Formats of exported tables; each is the ending of its files. */
export const tableFormats = ["csv", "json", "parquet"] as const;

/** One of the formats of exported tables. */
export type TableFormat = (typeof tableFormats)[number];

/** A run that is exported: its records with results and environments, the rest is read trial by trial. */
export interface ExportedRun {
  readonly store: Store;
  readonly records: RunRecords;
  readonly comparison: Comparison;
}

/**
 * Writes tables of a run, a file each: `trials.parquet` and so on. Memory doesn't grow with the number of epochs or
 * predictions.
 * @throws RecordError if a record can't be read
 */
export async function exportTables(
  run: ExportedRun,
  options: {
    readonly tables: readonly ExportedTableName[];
    readonly format: TableFormat;
    readonly folder: string;
  },
): Promise<WrittenFile[]> {
  const { tables, format, folder } = options;
  const written: WrittenFile[] = [];
  for (const name of tables) {
    const table = describeTable(run, name);
    const encoder = await createEncoder(format, table, run.records);
    written.push(await writeParts(path.join(folder, `${name}.${format}`), encoded(table, encoder)));
  }
  return written;
}

async function createEncoder(format: TableFormat, table: ExportedTable, records: RunRecords): Promise<TableEncoder> {
  switch (format) {
    case "csv":
      return csvEncoder(table.columns);
    case "json":
      return jsonEncoder(table.columns);
    case "parquet": {
      const { parquetEncoder } = await import("../../report/export/encode-parquet.ts");
      const { experiment, runId, plan } = records;
      return parquetEncoder(table.columns, { experiment, runId, planId: plan.planId });
    }
    default:
      throw new Error(`unknown format ${String(format satisfies never)}`);
  }
}

async function* encoded(table: ExportedTable, encoder: TableEncoder): AsyncGenerator<FilePart> {
  for await (const rows of table.parts) yield { bytes: encoder.encode(rows), rows: rows.length };
  yield { bytes: encoder.finish(), rows: 0 };
}

function describeTable(run: ExportedRun, name: ExportedTableName): ExportedTable {
  const { comparison, records } = run;
  const named = [...identityColumns, ...sweptColumns(comparison.columns, records.plan.configurations)];
  switch (name) {
    case "trials":
      return { name, columns: trialColumns(comparison, records), parts: once(trialRows(comparison, records)) };
    case "curves":
      return { name, columns: [...named, ...curveColumns], parts: curveParts(run, "epochs") };
    case "steps":
      return { name, columns: [...named, ...stepColumns], parts: curveParts(run, "steps") };
    case "predictions":
      return { name, columns: predictionColumns, parts: predictionParts(run) };
    default:
      throw new Error(`unknown table ${String(name satisfies never)}`);
  }
}

async function* once(rows: readonly TableRow[]): AsyncGenerator<readonly TableRow[]> {
  yield rows;
}

async function* curveParts({ store, records }: ExportedRun, which: "epochs" | "steps") {
  for await (const record of readInParts(store, records.trials, ["metrics", "timings"])) {
    const configuration = records.plan.configurations[record.trial.configuration];
    if (configuration !== undefined) yield curveRows(trialLog(records, record), configuration.id, which);
  }
}

async function* predictionParts({ store, records }: ExportedRun) {
  for (const record of records.trials) {
    if (record.state.type === "finished") yield await rowsOfPredictions(store, records, record);
  }
}

async function rowsOfPredictions(store: Store, { plan }: RunRecords, { trial, key }: TrialRecord): Promise<TableRow[]> {
  const predictions = await loadPredictions(store, key);
  const data = plan.data[plan.configurations[trial.configuration]?.data ?? 0];
  if (predictions !== undefined) return predictionRows(predictions, trial, data?.dataset.classNames ?? []);
  throw new RecordError(`${key}/${trialFiles.predictions}`, {
    problem: "is missing, though the trial is finished",
    fix: "restore it, or export without the table `predictions`",
  });
}
