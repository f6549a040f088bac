import { objectKeys, trialFiles } from "../../contract/object-keys.ts";
import type { Plan, TrialId } from "../../plan/plan.ts";
import { isTrialId } from "../../plan/trial-id.ts";
import { mapConcurrently } from "../map-concurrently.ts";
import { mayBeRunning, loadSessions } from "../run-sessions.ts";
import { loadPlan, loadRunDocument } from "../run-store.ts";
import type { SizedObject, Store } from "../store.ts";

/** What is stored of one trial in the folder of one run. */
export interface StoredTrial {
  readonly trialId: TrialId;
  /** Key of the record's folder. */
  readonly key: string;
  readonly hasResult: boolean;
  readonly objects: readonly SizedObject[];
}

/** What is stored of one run. */
export interface StoredRun {
  readonly experiment: string;
  readonly runId: string;
  readonly key: string;
  /** `removed`: it was to be deleted before; `unfinished`: without `run.json`, because it is just being made or copied. */
  readonly state: "listed" | "removed" | "unfinished";
  /** Whether a process may be running its trials. */
  readonly isRunning: boolean;
  /** When it was made or last run, in ms since 1970. */
  readonly lastActiveMs: number;
  /** Whether it trains its trials itself whatever other runs have finished. */
  readonly ignoresLedger: boolean;
  /** Absent if it was removed. */
  readonly plan?: Plan;
  readonly trials: readonly StoredTrial[];
  /** What belongs to no trial. */
  readonly others: readonly SizedObject[];
}

/** Everything stored of all runs, the oldest first. @param nowMs ms since 1970 @throws RecordError if a plan can't be read */
export async function surveyRuns(store: Store, nowMs: number): Promise<StoredRun[]> {
  const folders = new Map<string, SizedObject[]>();
  for (const object of await store.listSizes("experiments/")) {
    const folder = /^experiments\/[^/]+\/runs\/[^/]+(?=\/)/.exec(object.key)?.[0];
    if (folder === undefined) continue;
    const objects = folders.get(folder);
    if (objects === undefined) folders.set(folder, [object]);
    else objects.push(object);
  }
  const runs = await mapConcurrently([...folders], ([key, objects]) => surveyRun(store, key, objects, nowMs), 8);
  return runs.sort((a, b) => (a.runId < b.runId ? -1 : 1));
}

async function surveyRun(
  store: Store,
  key: string,
  objects: readonly SizedObject[],
  nowMs: number,
): Promise<StoredRun> {
  const [, experiment = "", , runId = ""] = key.split("/");
  const keys = new Set(objects.map(({ key }) => key));
  const document = await loadRunDocument(store, experiment, runId);
  // Until run.json is gone, nothing else was removed: such a run is as good as it was.
  const state = document !== undefined ? "listed" : keys.has(objectKeys.removed(key)) ? "removed" : "unfinished";
  const sessions = state === "listed" ? await loadSessions(store, key) : [];
  const times = [document?.createdAt, ...sessions.map(({ updatedAt }) => updatedAt)];
  const hasPlan = state !== "removed" && keys.has(objectKeys.plan(key));
  return {
    experiment,
    runId,
    key,
    state,
    isRunning: sessions.some((session) => mayBeRunning(session, nowMs)),
    lastActiveMs: Math.max(0, ...times.map((time) => (time === undefined ? 0 : Date.parse(time)))),
    ignoresLedger: document?.ignoresLedger === true,
    ...(hasPlan && { plan: await loadPlan(store, objectKeys.plan(key)) }),
    ...splitTrials(key, objects),
  };
}

function splitTrials(run: string, objects: readonly SizedObject[]): Pick<StoredRun, "trials" | "others"> {
  const trials = new Map<TrialId, SizedObject[]>();
  const others: SizedObject[] = [];
  const start = `${run}/trials/`;
  for (const object of objects) {
    const id = object.key.startsWith(start) ? (object.key.slice(start.length).split("/")[0] ?? "") : "";
    if (!isTrialId(id)) others.push(object);
    else if (trials.get(id)?.push(object) === undefined) trials.set(id, [object]);
  }
  return {
    others,
    trials: [...trials].map(([trialId, objects]) => {
      const key = objectKeys.trial(run, trialId);
      const result = `${key}/${trialFiles.result}`;
      return { trialId, key, hasResult: objects.some((object) => object.key === result), objects };
    }),
  };
}
