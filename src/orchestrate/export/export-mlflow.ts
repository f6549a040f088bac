import { objectKeys } from "../../contract/object-keys.ts";
import { mapConcurrently } from "../../record/map-concurrently.ts";
import { loadProvenances } from "../../record/provenance.ts";
import type { TrialRecord } from "../../record/run-records.ts";
import { sha256Of } from "../../record/sha256-of.ts";
import {
  allowedParams,
  allowedTags,
  mlflowParentRun,
  mlflowTrialRun,
  type MlflowEntry,
  type MlflowRun,
} from "../../report/export/mlflow-run.ts";
import type { ExportedRun } from "./export-tables.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import {
  createStoredRun,
  findRuns,
  logBatches,
  openExperiment,
  updateStoredRun,
  type StoredRun,
} from "./mlflow-store.ts";
import { filesOfTrial, runFiles, type MlflowFile } from "./mlflow-files.ts";
import { readInParts } from "./read-in-parts.ts";
import { trialFields } from "./trial-fields.ts";

/** What became of a trial, or of the run itself. */
export interface ServedRun {
  /** The trial's id; absent = the run, which the trials are children of. */
  readonly trialId?: string;
  readonly mlflowRunId: string;
  readonly outcome: "created" | "updated" | "unchanged";
}

/** What an export left on a server. */
export interface ServedExport {
  readonly location: string;
  readonly experimentId: string;
  readonly runs: readonly ServedRun[];
  /** Files that were put beside the figures. */
  readonly fileCount: number;
  /** Where the server has its clients put files themselves, which is not done; absent = it takes them. */
  readonly filesElsewhere?: string;
}

/** How a run is exported. */
export interface MlflowExportOptions {
  readonly client: MlflowClient;
  /** Of the run, ISO 8601. */
  readonly createdAt: string;
  /** Whether files are put beside the figures: matrices, epochs, model cards, leaderboard; default: yes. */
  readonly hasFiles?: boolean;
}

/** A server with one worker is not faster with more. */
const requestsAtOnce = 4;
const digestTag = "nightsweep.digest";

/**
 * Logs a run to an MLflow server: a parent, and a child for each trial that was begun. What is there already, from an
 * earlier export, is brought up to date or left alone, never made twice.
 * @throws MlflowError if the server can't be used; what was logged by then stays, and the next export goes on
 */
export async function exportMlflow(
  { store, records, comparison }: ExportedRun,
  { client, createdAt, hasFiles = true }: MlflowExportOptions,
): Promise<ServedExport> {
  const experimentId = await openExperiment(client, records.experiment);
  const known = await findRuns(client, experimentId, records.runId);
  const server: Server = { client, experimentId, known, files: { count: 0 } };
  const provenances = await loadProvenances(store, objectKeys.run(records.experiment, records.runId));
  const whole = { ...records, provenances };
  const parent = await bringUpToDate(server, mlflowParentRun(comparison, records, createdAt), {
    family: [],
    files: hasFiles ? runFiles(comparison) : [],
  });
  const family = [{ key: "mlflow.parentRunId", value: parent.mlflowRunId }];
  const runs: ServedRun[] = [parent];
  const rows = new Map(comparison.trials.map((row) => [row.trialId, row]));
  const logTrial = async (record: TrialRecord): Promise<ServedRun[]> => {
    const row = rows.get(record.trial.id);
    if (row === undefined) return [];
    const described = mlflowTrialRun(
      comparison,
      { record, row, fields: trialFields(records.plan, record.trial) },
      createdAt,
    );
    const files = hasFiles ? filesOfTrial(whole, comparison, { record, row }) : [];
    return [{ trialId: row.trialId, ...(await bringUpToDate(server, described, { family, files })) }];
  };
  const begun = records.trials.filter(({ state }) => state.type !== "pending");
  const waiting: TrialRecord[] = [];
  const logWaiting = async () =>
    runs.push(...(await mapConcurrently(waiting.splice(0), logTrial, requestsAtOnce)).flat());
  for await (const record of readInParts(store, begun, ["metrics", "timings", "environment", "confusion"])) {
    waiting.push(record);
    if (waiting.length >= 16 * requestsAtOnce) await logWaiting();
  }
  await logWaiting();
  const { count, elsewhere } = server.files;
  return {
    location: client.location,
    experimentId,
    runs,
    fileCount: count,
    ...(elsewhere !== undefined && { filesElsewhere: elsewhere }),
  };
}

interface Server {
  readonly client: MlflowClient;
  readonly experimentId: string;
  /** What it has of the run, by identity. */
  readonly known: ReadonlyMap<string, StoredRun>;
  /** What became of files. */
  readonly files: { count: number; elsewhere?: string };
}

/** What belongs to a run besides its figures. */
interface Belongings {
  readonly family: readonly MlflowEntry[];
  readonly files: readonly MlflowFile[];
}

/**
 * The digest is written last: a run that has it is complete. One without, or with another, is logged again as a whole,
 * which changes nothing about what is there: parameters are the same, and MLflow keeps equal values of metrics once.
 */
async function bringUpToDate(server: Server, run: MlflowRun, { family, files }: Belongings): Promise<ServedRun> {
  const { client, experimentId, known } = server;
  // What is in the files follows from the figures.
  const content = [run, family, files.map(({ name: file }) => file)];
  const digest = sha256Of(Buffer.from(JSON.stringify(content))).slice(0, 16);
  const stored = known.get(run.identity);
  if (stored?.tags.get(digestTag) === digest) return { mlflowRunId: stored.id, outcome: "unchanged" };
  const tags = allowedTags([...run.tags, ...family]);
  const { name, startTime, status, endTime } = run;
  const there = stored ?? (await createStoredRun(client, { experimentId, name, startTime, tags }, run.identity));
  const { id } = there;
  await logBatches(client, id, { metrics: run.metrics, params: allowedParams(run.params), tags });
  await putFiles(server, there, files);
  await updateStoredRun(client, id, { status, endTime });
  await logBatches(client, id, { metrics: [], params: [], tags: [{ key: digestTag, value: digest }] });
  return { mlflowRunId: id, outcome: stored === undefined ? "created" : "updated" };
}

/** Files go to the server where it takes them for its clients, which is what `mlflow server` does if nobody says otherwise. */
async function putFiles(
  server: Server,
  { artifactUri }: Pick<StoredRun, "artifactUri">,
  files: readonly MlflowFile[],
): Promise<void> {
  if (files.length === 0) return;
  if (!artifactUri.startsWith("mlflow-artifacts:")) {
    server.files.elsewhere = artifactUri;
    return;
  }
  const folder = new URL(artifactUri).pathname.replace(/^\/+/, "");
  for (const { name, bytes } of files) {
    await server.client.putArtifact(`${folder}/${name}`, bytes());
    server.files.count++;
  }
}
