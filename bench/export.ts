// `npm run bench -- export [trials] [epochs]`: seconds, peak memory and bytes of each export of a run that is made up as
// it is read, so that what is measured is the export alone.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { compareRun } from "../src/compare/compare-run.ts";
import { exportTables, type ExportedRun } from "../src/orchestrate/export/export-tables.ts";
import { exportTensorboard } from "../src/orchestrate/export/export-tensorboard.ts";
import type { WrittenFile } from "../src/orchestrate/export/written-file.ts";
import { encodeJsonLines } from "../src/record/json-object.ts";
import { MemoryStore } from "../src/record/memory-store.ts";
import type { TrialRecord } from "../src/record/run-records.ts";
import { environmentDocument, outcome, samplePlan } from "../test/record/sample-run.ts";

const [trialCount = 10_000, epochCount = 100] = process.argv.slice(2).map(Number);

/** Metrics and timings as a bucket would have them. */
class MadeUpStore extends MemoryStore {
  override get(key: string): Promise<Uint8Array | undefined> {
    const epochs = Array.from({ length: epochCount }, (_, index) => index + 1);
    if (key.endsWith("metrics.jsonl")) return Promise.resolve(encodeJsonLines(epochs.map(metricsOf)));
    if (key.endsWith("timings.jsonl")) return Promise.resolve(encodeJsonLines(epochs.map(timingOf)));
    return Promise.resolve(undefined);
  }
}

function metricsOf(epoch: number) {
  const loss = Math.exp(-epoch / 20) * (1 + Math.random() / 10);
  const figures = { loss, accuracy: 1 - loss / 3 };
  return {
    kind: "epoch",
    epoch,
    step: 100 * epoch,
    learningRate: 0.01,
    ...figures,
    validation: figures,
    test: figures,
  };
}

function timingOf(epoch: number) {
  return { epoch, attempt: 1, seconds: 2 + Math.random(), examplesPerSecond: 1000 };
}

function makeRun(): ExportedRun {
  const plan = samplePlan(trialCount);
  const trials = plan.trials.map(
    (trial): TrialRecord => ({
      trial,
      key: `trials/${trial.id}`,
      state: { type: "finished", result: { schemaVersion: 1, trialId: trial.id, files: {}, ...outcome } },
      metrics: [],
      timings: [],
      environment: environmentDocument,
    }),
  );
  const records = { runId: "20261122T100000Z-0000", experiment: "sample", plan, trials };
  return { store: new MadeUpStore(), records, comparison: compareRun(records) };
}

const begin = performance.now();
const run = makeRun();
const base = { seconds: (performance.now() - begin) / 1000, peakMiB: peakMiB() };
console.error(
  `${trialCount} trials × ${epochCount} epochs, compared in ${base.seconds.toFixed(1)} s; ${base.peakMiB} MiB`,
);
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-bench-export-"));
const measured: Record<string, object> = {};
try {
  const tables = (format: "csv" | "parquet") => () =>
    exportTables(run, { tables: ["trials", "curves"], format, folder: path.join(folder, format) });
  await measure("parquet", tables("parquet"));
  await measure("csv", tables("csv"));
  await measure("tensorboard", () =>
    exportTensorboard(run, { folder: path.join(folder, "logs"), createdAt: "2026-11-22T10:00:00.000Z" }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(JSON.stringify({ trialCount, epochCount, base, ...measured }));

async function measure(name: string, action: () => Promise<readonly WrittenFile[]>): Promise<void> {
  const begin = performance.now();
  const files = await action();
  const seconds = Number(((performance.now() - begin) / 1000).toFixed(1));
  const megabytes = Math.round(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6);
  measured[name] = { seconds, peakMiB: peakMiB(), files: files.length, megabytes };
  console.error(
    `${name}: ${seconds} s, ${megabytes} MB in ${files.length} files, peak of the process ${peakMiB()} MiB`,
  );
}

function peakMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
