import { existsSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../../src/engine/cache-folder.ts";
import { runProgram } from "../../src/engine/run-program.ts";
import { connectMlflow } from "../../src/orchestrate/export/mlflow-client.ts";
import {
  createStoredRun,
  logBatches,
  openExperiment,
  updateStoredRun,
} from "../../src/orchestrate/export/mlflow-store.ts";
import { readInParts } from "../../src/orchestrate/export/read-in-parts.ts";
import { trialFields } from "../../src/orchestrate/export/trial-fields.ts";
import { loadReportSource } from "../../src/orchestrate/render-run-report.ts";
import { mapConcurrently } from "../../src/record/map-concurrently.ts";
import type { RunDocument } from "../../src/record/run-records.ts";
import type { Store } from "../../src/record/store.ts";
import { allowedParams, allowedTags, mlflowTrialRun, type MlflowRun } from "../../src/report/export/mlflow-run.ts";

/** The whole of MLflow, with its page; tests have enough with its server. */
const requirement = "mlflow==3.17.2";

/** The Python that has MLflow, in an environment of its own, where it is put if it isn't there (about 1 GB). */
export async function mlflowPython(variables: Readonly<Record<string, string | undefined>>): Promise<string> {
  const folder = path.join(cacheFolder(variables), "bench-mlflow");
  const python = path.join(folder, "bin", "python");
  if (existsSync(path.join(folder, "bin", "mlflow"))) return python;
  console.log(`Installing ${requirement} into ${folder} …`);
  await runProgram(variables["PYTHON"] ?? "python3", ["-m", "venv", folder]);
  await runProgram(python, ["-m", "pip", "install", "--quiet", requirement]);
  return python;
}

/** Runs on a server. */
export interface FilledServer {
  readonly experimentId: string;
  readonly runIds: readonly string[];
}

/**
 * Logs the trials of a run to an MLflow server, as `nightsweep export` does, but side by side instead of as children of
 * one: its table shows those folded in.
 */
export async function fillServer(address: string, store: Store, run: RunDocument): Promise<FilledServer> {
  const client = connectMlflow({ address, environment: {} });
  const { records, comparison } = await loadReportSource(store, run);
  const experimentId = await openExperiment(client, records.experiment);
  const rows = new Map(comparison.trials.map((row) => [row.trialId, row]));
  const described: MlflowRun[] = [];
  const runIds: string[] = [];
  const logDescribed = async (): Promise<void> => {
    const ids = await mapConcurrently(described.splice(0), (next) => logRun(client, experimentId, next), 4);
    runIds.push(...ids);
  };
  for await (const record of readInParts(store, records.trials, ["metrics", "timings", "environment"])) {
    const row = rows.get(record.trial.id);
    if (row === undefined) throw new Error(`the comparison has no trial ${record.trial.id}`);
    const fields = trialFields(records.plan, record.trial);
    described.push(mlflowTrialRun(comparison, { record, row, fields }, run.createdAt));
    if (described.length >= 64) await logDescribed();
  }
  await logDescribed();
  return { experimentId, runIds };
}

async function logRun(client: ReturnType<typeof connectMlflow>, experimentId: string, run: MlflowRun): Promise<string> {
  const { name, startTime, status, endTime, identity, metrics } = run;
  const tags = allowedTags(run.tags);
  const { id } = await createStoredRun(client, { experimentId, name, startTime, tags }, identity);
  await logBatches(client, id, { metrics, params: allowedParams(run.params), tags });
  await updateStoredRun(client, id, { status, endTime });
  return id;
}
