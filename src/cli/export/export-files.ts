import { compareRun } from "../../compare/compare-run.ts";
import { exportTables, type ExportedRun, type TableFormat } from "../../orchestrate/export/export-tables.ts";
import { exportTensorboard } from "../../orchestrate/export/export-tensorboard.ts";
import { loadRun } from "../../record/load-run.ts";
import type { RunDocument } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";
import type { ExportedTableName } from "../../report/export/exported-table.ts";
import { chooseTrials } from "../choose-trials.ts";
import type { CommandResult } from "../output.ts";
import { writtenFilesResult } from "../written-files-result.ts";

/** What of a run is exported. */
export interface RunSelection {
  readonly run: RunDocument;
  /** A trial, or a configuration with all its seeds; undefined = the whole run. */
  readonly which: string | undefined;
}

/** A run with results and environments; the comparison is of the whole run, the records are those that were chosen. */
export async function loadExportedRun(store: Store, { run, which }: RunSelection): Promise<ExportedRun> {
  const records = await loadRun(store, run.experiment, run.runId, { parts: ["environment"] });
  const comparison = compareRun(records);
  if (which === undefined) return { store, records, comparison };
  const trials = await chooseTrials(records, [which]);
  const chosen = new Set<string>(trials.map(({ trial }) => trial.id));
  const rows = comparison.trials.filter(({ trialId }) => chosen.has(trialId));
  return { store, records: { ...records, trials }, comparison: { ...comparison, trials: rows } };
}

/** Writes tables of a run into a folder. */
export async function exportTableFiles(
  store: Store,
  selection: RunSelection,
  options: { readonly tables: readonly ExportedTableName[]; readonly format: TableFormat; readonly folder: string },
): Promise<CommandResult> {
  const files = await exportTables(await loadExportedRun(store, selection), options);
  return writtenFilesResult(files, factsOf(selection, options.format));
}

/** Writes a run as a log folder of TensorBoard. */
export async function exportEventFiles(store: Store, selection: RunSelection, folder: string): Promise<CommandResult> {
  const run = await loadExportedRun(store, selection);
  const files = await exportTensorboard(run, { folder, createdAt: selection.run.createdAt });
  const result = writtenFilesResult(
    files.map(({ file, bytes }) => ({ file, bytes })),
    factsOf(selection, "tensorboard"),
  );
  return { ...result, human: () => `${result.human()}\nopen it with \`tensorboard --logdir ${folder}\`` };
}

function factsOf({ run }: RunSelection, format: string) {
  return { experiment: run.experiment, runId: run.runId, format };
}
