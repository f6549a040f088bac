import path from "node:path";
import { experimentEvents, trialEvents } from "../../report/export/tensorboard/trial-events.ts";
import type { TrialRow } from "../../compare/comparison.ts";
import { columnLabels } from "../../report/describe-configuration.ts";
import type { ExportedRun } from "./export-tables.ts";
import { readInParts } from "./read-in-parts.ts";
import { writeParts, type WrittenFile } from "./written-file.ts";

/**
 * Writes a run as a log folder of TensorBoard: a folder for each trial that was begun, with one event file, and one for
 * what they are compared by. The same run gives the same file names: exported again, files are replaced.
 * @param createdAt of the run, ISO 8601: when trials began of which no time is known
 * @throws RecordError if a record can't be read
 */
export async function exportTensorboard(
  { store, records, comparison }: ExportedRun,
  { folder, createdAt }: { readonly folder: string; readonly createdAt: string },
): Promise<WrittenFile[]> {
  const wallSeconds = Date.parse(createdAt) / 1000;
  const write = (name: string, wall: number, bytes: Uint8Array): Promise<WrittenFile> =>
    writeParts(path.join(folder, name, eventFileName(wall)), [{ bytes, rows: 1 }]);
  const written = [await write("", wallSeconds, experimentEvents(comparison, records, wallSeconds))];
  const begun = records.trials.filter(({ state }) => state.type !== "pending");
  const rows = new Map(comparison.trials.map((row) => [row.trialId, row]));
  for await (const record of readInParts(store, begun, ["metrics", "timings", "environment"])) {
    const row = rows.get(record.trial.id);
    const configuration = records.plan.configurations[record.trial.configuration];
    if (row === undefined || configuration === undefined) continue;
    const events = trialEvents(comparison, { record, row, configuration }, wallSeconds);
    written.push(await write(trialFolder(row, comparison.columns), wallSeconds, events));
  }
  return written;
}

/** Longer names don't fit TensorBoard's list of runs. */
const maxNameLength = 80;

/** A folder's name that says what the trial is, as TensorBoard lists trials by it: `cnn,learningRate=0.001,seed=2-1f0c…`. */
function trialFolder({ trialId, seed, values }: TrialRow, columns: readonly string[]): string {
  const labels = columnLabels(columns);
  const parts = columns.flatMap((path) => {
    const value = values[path];
    if (value === undefined) return [];
    return typeof value === "string" ? [value] : [`${labels.get(path) ?? path}=${String(value)}`];
  });
  const name = parts
    .join(",")
    .replaceAll(/[^\w=,.+-]+/g, "_")
    .slice(0, maxNameLength);
  return `${[...(name === "" ? [] : [name]), `seed=${seed}`].join(",")}-${trialId.slice(0, 8)}`;
}

/** TensorBoard takes files for its own by `tfevents` in their names. */
function eventFileName(wallSeconds: number): string {
  return `events.out.tfevents.${Math.floor(wallSeconds)}.nightsweep`;
}
