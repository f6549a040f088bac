import { objectKeys } from "../contract/object-keys.ts";
import type { Plan } from "../plan/plan.ts";
import { parsePlan, PlanFormatError, serializePlan } from "../plan/serialize-plan.ts";
import { decodeText, encodeJson, encodeText, loadJson } from "./json-object.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { RecordError } from "./record-error.ts";
import { runDocumentSchema } from "./record-schemas.ts";
import { createRunId } from "./run-id.ts";
import type { RunDocument } from "./run-records.ts";
import type { Store } from "./store.ts";

/** What a new run is made from. */
export interface NewRun {
  readonly plan: Plan;
  /** Absolute path of the experiment file. */
  readonly experimentFile: string;
  readonly ignoresLedger?: boolean;
  /** The run that it is to confirm. */
  readonly confirms?: string | undefined;
  readonly now: () => Date;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** Writes `plan.json`, then `run.json`, of a new run. @returns its `run.json` */
export async function createRun(
  store: Store,
  { plan, experimentFile, ignoresLedger, confirms, now, randomBytes }: NewRun,
): Promise<RunDocument> {
  const createdAt = now();
  const planBytes = encodeText(serializePlan(plan));
  for (;;) {
    const runId = createRunId(createdAt, randomBytes);
    const run = objectKeys.run(plan.experiment, runId);
    // Two runs of the same second may draw the same id: whose plan is written first has it.
    if (!(await store.putIfAbsent(objectKeys.plan(run), planBytes))) continue;
    const document: RunDocument = {
      schemaVersion: 1,
      runId,
      experiment: plan.experiment,
      planId: plan.planId,
      createdAt: createdAt.toISOString(),
      experimentFile,
      ...(ignoresLedger === undefined ? {} : { ignoresLedger }),
      ...(confirms === undefined ? {} : { confirms }),
    };
    await store.put(objectKeys.source(run), encodeJson(document));
    return document;
  }
}

/** Names of the experiments that have runs. */
export function listExperiments(store: Store): Promise<string[]> {
  return store.listFolders("experiments/");
}

/**
 * The runs of an experiment, oldest first.
 * @param experiment name of the experiment; absent = all experiments
 */
export async function listRuns(store: Store, experiment?: string): Promise<RunDocument[]> {
  const experiments = experiment === undefined ? await listExperiments(store) : [experiment];
  const runs = await mapConcurrently(experiments, async (name) => {
    const runIds = await store.listFolders(`${objectKeys.runs(name)}/`);
    return mapConcurrently(runIds, (runId) => loadRunDocument(store, name, runId));
  });
  const found = runs.flat().filter((run) => run !== undefined);
  return found.sort((a, b) => (a.runId < b.runId ? -1 : 1));
}

/** The newest run of an experiment with this plan, or undefined. */
export async function findNewestRun(
  store: Store,
  experiment: string,
  planId: string,
): Promise<RunDocument | undefined> {
  const runIds = await store.listFolders(`${objectKeys.runs(experiment)}/`);
  for (const runId of runIds.reverse()) {
    const run = await loadRunDocument(store, experiment, runId);
    if (run?.planId === planId) return run;
  }
  return undefined;
}

/** `run.json` of a run, or undefined if there is no such run (or it was interrupted while it was made). */
export function loadRunDocument(store: Store, experiment: string, runId: string): Promise<RunDocument | undefined> {
  return loadJson(store, objectKeys.source(objectKeys.run(experiment, runId)), runDocumentSchema);
}

/**
 * The plan stored under a key.
 * @throws RecordError if there is none or it can't be read
 */
export async function loadPlan(store: Store, planKey: string): Promise<Plan> {
  const bytes = await store.get(planKey);
  if (bytes === undefined) {
    throw new RecordError(planKey, {
      problem: `there is no such plan in ${store.location}`,
      fix: "check the experiment's name, the run's id and the store's location",
    });
  }
  try {
    return parsePlan(decodeText(planKey, bytes));
  } catch (error) {
    if (!(error instanceof PlanFormatError)) throw error;
    throw new RecordError(planKey, { problem: error.message, fix: "run the experiment again" }, { cause: error });
  }
}
