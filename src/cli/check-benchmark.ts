import { appendFile } from "node:fs/promises";
import path from "node:path";
import type { BenchmarkCheck, Confirmation } from "../compare/nightly/benchmark-check.ts";
import { objectKeys } from "../contract/object-keys.ts";
import type { EngineChoice } from "../contract/trainer-environment.ts";
import { checkBenchmark, recordNight } from "../orchestrate/nightly/check-benchmark.ts";
import { confirmingPlan } from "../plan/confirming-plan.ts";
import type { Plan } from "../plan/plan.ts";
import type { RunDocument } from "../record/run-records.ts";
import { loadPlan, loadRunDocument } from "../record/run-store.ts";
import type { Store } from "../record/store.ts";
import { renderCheckMarkdown } from "../report/history-markdown.ts";
import { findRun, type RunReference } from "./find-run.ts";
import { listenToStopSignals } from "./stop-signals.ts";
import { openStoreAt } from "./store-option.ts";
import { train } from "./train.ts";

/** Which night is to be checked, and what may be done to be sure. */
export interface CheckRequest extends RunReference {
  readonly store: string;
  /** Whether a suspect night is run again. */
  readonly isConfirmed: boolean;
  readonly engine: EngineChoice;
  readonly workers: number | undefined;
}

/** Writes a night into the history, judges it, and runs it again if it is suspect. */
export async function checkNight(request: CheckRequest): Promise<BenchmarkCheck> {
  const store = await openStoreAt(request.store);
  const run = await findNight(store, request);
  const plan = await loadPlan(store, objectKeys.plan(objectKeys.run(run.experiment, run.runId)));
  await recordNight(store, run);
  const check = await checkBenchmark(store, plan, new Date());
  if (!request.isConfirmed || check.confirmation === undefined) return check;
  const { seeds, configurationIds, why } = check.confirmation;
  const what = `${configurationIds.length} suspect ${configurationIds.length === 1 ? "configuration" : "configurations"}`;
  process.stderr.write(`Running ${what} again with seeds ${seeds.join(", ")} (${why})\n`);
  await runAgain(store, { run, plan, confirmation: check.confirmation }, request);
  return checkBenchmark(store, plan, new Date());
}

/** A run that only confirms another stands for that one. */
async function findNight(store: Store, reference: RunReference): Promise<RunDocument> {
  const run = await findRun(store, reference);
  const night = run.confirms === undefined ? undefined : await loadRunDocument(store, run.experiment, run.confirms);
  return night ?? run;
}

async function runAgain(
  store: Store,
  { run, plan, confirmation }: { run: RunDocument; plan: Plan; confirmation: Confirmation },
  { store: storeLocation, engine, workers }: CheckRequest,
): Promise<void> {
  const { experimentFile } = run;
  const again = confirmingPlan(plan, confirmation);
  const signals = listenToStopSignals();
  const { records } = await train(
    { plan: again, experimentFile, dataRoot: path.dirname(experimentFile) },
    { store, storeLocation, workers, isCacheUsed: false, confirms: confirmation.runId, engine, signals },
  ).finally(() => signals.end());
  const second = await loadRunDocument(store, run.experiment, records.runId);
  if (second !== undefined) await recordNight(store, second, confirmation.runId);
}

/** Adds a check to the summary of the GitHub Actions step that it runs in, if it runs in one. */
export async function summariseForGithub(check: BenchmarkCheck): Promise<void> {
  const file = process.env["GITHUB_STEP_SUMMARY"];
  if (file !== undefined && file !== "") await appendFile(file, `${renderCheckMarkdown(check)}\n`);
}
