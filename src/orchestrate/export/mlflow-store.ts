import { identityTag, type MlflowEntry, type MlflowMetric, type MlflowStatus } from "../../report/export/mlflow-run.ts";
import { MlflowError, type MlflowClient } from "./mlflow-client.ts";

/** A run that a server has. */
export interface StoredRun {
  readonly id: string;
  /** Where its files belong, e.g. `mlflow-artifacts:/1/ab12/artifacts`. */
  readonly artifactUri: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** What a run is made with; tags are there from its first moment, so that it is found again whatever happens next. */
export interface NewStoredRun {
  readonly experimentId: string;
  readonly name: string;
  readonly startTime: number;
  readonly tags: readonly MlflowEntry[];
}

/** MLflow's limits of one request. */
const maxMetrics = 1000;
const maxEntries = 100;
const runsPerPage = 500;
const maxCreateTries = 3;

/**
 * The id of the experiment with a name; it is made if there is none.
 * @throws MlflowError also if it was deleted
 */
export async function openExperiment(client: MlflowClient, name: string): Promise<string> {
  try {
    const answer = await client.ask("GET", "experiments/get-by-name", { experiment_name: name });
    if (read(answer, "experiment", "lifecycle_stage") === "deleted") {
      throw new MlflowError(
        `the experiment "${name}" was deleted on ${client.location}\n  fix: restore it with \`mlflow experiments restore\`, or purge it with \`mlflow gc\``,
      );
    }
    return textOf(answer, "experiment", "experiment_id");
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code !== "RESOURCE_DOES_NOT_EXIST") throw error;
  }
  try {
    return textOf(await client.ask("POST", "experiments/create", { name }), "experiment_id");
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code !== "RESOURCE_ALREADY_EXISTS") throw error;
    // Another export was faster.
    const answer = await client.ask("GET", "experiments/get-by-name", { experiment_name: name });
    return textOf(answer, "experiment", "experiment_id");
  }
}

/** The runs whose identity begins like this, by identity. */
export async function findRuns(
  client: MlflowClient,
  experimentId: string,
  identityStart: string,
): Promise<Map<string, StoredRun>> {
  const found = new Map<string, StoredRun>();
  let page: string | undefined;
  do {
    const answer = await client.ask("POST", "runs/search", {
      experiment_ids: [experimentId],
      filter: `tags.\`${identityTag}\` LIKE '${identityStart}%'`,
      max_results: runsPerPage,
      ...(page !== undefined && { page_token: page }),
    });
    for (const run of listOf(answer, "runs")) {
      const tags = new Map(listOf(run, "data", "tags").map((tag) => [textOf(tag, "key"), textOf(tag, "value")]));
      found.set(tags.get(identityTag) ?? "", { ...placeOf(run), tags });
    }
    const next = read(answer, "next_page_token");
    page = typeof next === "string" && next !== "" ? next : undefined;
  } while (page !== undefined);
  return found;
}

/** Makes a run. If the answer is lost, the run may be there all the same: it is looked for before it is made again. */
export async function createStoredRun(
  client: MlflowClient,
  run: NewStoredRun,
  identity: string,
): Promise<Pick<StoredRun, "id" | "artifactUri">> {
  for (let tries = 1; ; tries++) {
    try {
      const answer = await client.ask(
        "POST",
        "runs/create",
        {
          experiment_id: run.experimentId,
          run_name: run.name,
          start_time: run.startTime,
          tags: [...run.tags, { key: identityTag, value: identity }],
        },
        { isRepeatable: false },
      );
      return placeOf(read(answer, "run"));
    } catch (error) {
      if (!(error instanceof MlflowError) || !error.mayPass || tries >= maxCreateTries) throw error;
      const made = (await findRuns(client, run.experimentId, identity)).get(identity);
      if (made !== undefined) return made;
    }
  }
}

/** Logs metrics, parameters and tags, in as many requests as MLflow's limits ask for. */
export async function logBatches(
  client: MlflowClient,
  runId: string,
  {
    metrics,
    params,
    tags,
  }: {
    readonly metrics: readonly MlflowMetric[];
    readonly params: readonly MlflowEntry[];
    readonly tags: readonly MlflowEntry[];
  },
): Promise<void> {
  // All together at most 1,000 in a request: parameters and tags go with few metrics, the others by themselves.
  const log = (content: object) => client.ask("POST", "runs/log-batch", { run_id: runId, ...content });
  const entryBatches = Math.ceil(Math.max(params.length, tags.length) / maxEntries);
  const besideEntries = entryBatches === 0 ? 0 : maxMetrics - 2 * maxEntries;
  for (let batch = 0; batch < entryBatches; batch++) {
    const range = [batch * maxEntries, (batch + 1) * maxEntries] as const;
    const first = batch === 0 ? metrics.slice(0, besideEntries) : [];
    await log({ params: params.slice(...range), tags: tags.slice(...range), metrics: first });
  }
  for (let first = besideEntries; first < metrics.length; first += maxMetrics) {
    await log({ metrics: metrics.slice(first, first + maxMetrics) });
  }
}

/** Says how a run stands. */
export async function updateStoredRun(
  client: MlflowClient,
  runId: string,
  { status, endTime }: { readonly status: MlflowStatus; readonly endTime?: number | undefined },
): Promise<void> {
  await client.ask("POST", "runs/update", {
    run_id: runId,
    status,
    ...(endTime !== undefined && { end_time: endTime }),
  });
}

function placeOf(run: unknown): Pick<StoredRun, "id" | "artifactUri"> {
  return { id: textOf(run, "info", "run_id"), artifactUri: textOf(run, "info", "artifact_uri") };
}

/** A value inside of an answer; undefined if it isn't there. */
function read(content: unknown, ...keys: readonly string[]): unknown {
  let value = content;
  for (const key of keys) {
    if (typeof value !== "object" || value === null) return undefined;
    value = new Map(Object.entries(value)).get(key);
  }
  return value;
}

function textOf(content: unknown, ...keys: readonly string[]): string {
  const value = read(content, ...keys);
  if (typeof value === "string") return value;
  throw new MlflowError(`the server's answer has no ${keys.join(".")}: is it an MLflow server?`);
}

function listOf(content: unknown, ...keys: readonly string[]): readonly unknown[] {
  const value = read(content, ...keys);
  return Array.isArray(value) ? value : [];
}
