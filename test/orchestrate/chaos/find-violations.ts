import { objectKeys, trialFiles } from "../../../src/contract/object-keys.ts";
import { loadRun } from "../../../src/record/load-run.ts";
import type { TrialRecord } from "../../../src/record/run-records.ts";
import { sha256Of } from "../../../src/record/sha256-of.ts";
import type { Store } from "../../../src/record/store.ts";
import { epochCount, metricsOf } from "./pretended-training.ts";
import type { ChaosOptions, ChaosOutcome } from "./run-in-chaos.ts";

/** Everything that is not as it must be after a run: empty if the results are exactly those of the plan. */
export async function findViolations(options: ChaosOptions, outcome: ChaosOutcome): Promise<string[]> {
  const { store } = outcome;
  const planned = new Map<string, number>(options.plan.trials.map(({ id }, index) => [id, index]));
  const ledger = (await store.list("trials/")).map((key) => key.slice("trials/".length, -".json".length));
  const begun = await begunTrials(store, options.experiments);
  const problems = [
    ...ledger.filter((id) => !planned.has(id)).map((id) => `the ledger has ${id}, which nobody planned`),
    ...[...planned.keys()].filter((id) => !ledger.includes(id)).map((id) => `the ledger lacks ${id}`),
    ...begun.filter((id) => !planned.has(id)).map((id) => `a run has ${id}, which nobody planned`),
    ...findRepetitions(store.writes, planned.size),
  ];
  for (const { experiment, runId } of outcome.records) {
    const { trials } = await loadRun(store, experiment, runId, { parts: ["metrics", "timings", "environment"] });
    if (trials.length !== planned.size) problems.push(`${experiment} has ${trials.length} trials`);
    for (const record of trials)
      problems.push(...(await findDamage(store, record, planned.get(record.trial.id) ?? -1)));
  }
  return problems;
}

async function begunTrials(store: Store, experiments: readonly string[]): Promise<string[]> {
  const runs: string[] = [];
  for (const experiment of experiments)
    for (const runId of await store.listFolders(`${objectKeys.runs(experiment)}/`))
      runs.push(objectKeys.run(experiment, runId));
  return (await Promise.all(runs.map((run) => store.listFolders(`${run}/trials/`)))).flat();
}

/** Results and ledger entries are each written once, in all runs together. */
function findRepetitions(writes: ReadonlyMap<string, number>, trialCount: number): string[] {
  const problems = [...writes]
    .filter(([, count]) => count !== 1)
    .map(([key, count]) => `${key} was written ${count} times`);
  const results = [...writes.keys()].filter((key) => key.endsWith(`/${trialFiles.result}`)).length;
  if (results !== trialCount) problems.push(`${trialCount} trials have ${results} results`);
  return problems;
}

async function findDamage(store: Store, record: TrialRecord, index: number): Promise<string[]> {
  const { trial, key, state, metrics, environment } = record;
  if (state.type !== "finished") return [`${trial.id} is ${state.type}`];
  const problems: string[] = [];
  for (const [name, sha256] of Object.entries({ ...state.result.files, ...environment?.files })) {
    const bytes = await store.get(`${key}/${name}`);
    if (bytes === undefined || sha256Of(bytes) !== sha256) problems.push(`${key}/${name} is not what its record says`);
  }
  if (environment === undefined) problems.push(`${key} has no environment`);
  if (JSON.stringify(metrics) !== JSON.stringify(metricsOf(index, epochCount)))
    problems.push(`${key} has other metrics`);
  return problems;
}
