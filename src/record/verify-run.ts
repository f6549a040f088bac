import { createHash } from "node:crypto";
import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import type { Plan, PlannedTrial } from "../plan/plan.ts";
import {
  configurationIdOf,
  hashData,
  hashEvaluation,
  hashModel,
  hashTraining,
  planIdOf,
  trialIdOf,
} from "../plan/trial-id.ts";
import { loadJson } from "./json-object.ts";
import { findFinished } from "./ledger.ts";
import { loadMetrics, loadTrialDocument, loadTrialState } from "./load-trial.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { RecordError } from "./record-error.ts";
import { confusionSchema } from "./record-schemas.ts";
import type { RunDocument } from "./run-records.ts";
import type { SealedTrial } from "./run-seal.ts";
import { loadPlan, loadRunDocument } from "./run-store.ts";
import { sha256Of } from "./sha256-of.ts";
import type { Store } from "./store.ts";
import type { ConfusionDocument, LossAndAccuracy, TrialDocument, TrialResult } from "./trial-record.ts";
import type { VerificationProblem } from "./verification-problem.ts";
import { findChangedCircumstances, findRunProblems, SealReader, unsealed } from "./verify-seal.ts";

/** What verifying a trial came to. */
export interface VerifiedTrial {
  readonly trialId: string;
  /** Key of the record's folder. */
  readonly key: string;
  readonly state: "intact" | "changed" | "unfinished";
  readonly problems: readonly VerificationProblem[];
  /** SHA-256 of `result.json`, if the trial is finished. */
  readonly resultSha256?: string;
  /** Whether the seal of its run says what it must hash to; absent = not finished. */
  readonly isSealed?: boolean;
}

/** What verifying a run came to. */
export interface Verification {
  readonly experiment: string;
  readonly runId: string;
  /** SHA-256 over the ids and `result.json`s of the finished trials: equal wherever the run is intact. */
  readonly sha256: string;
  /** In the plan's order. */
  readonly trials: readonly VerifiedTrial[];
  /** What is wrong with the run itself. */
  readonly problems: readonly VerificationProblem[];
}

/** Records may be large: so many are read side by side. */
const concurrentTrials = 8;

/**
 * Reads all finished records of a run and finds those that were changed since: files by their SHA-256 in `result.json`,
 * `result.json` by the metrics and the confusion matrix that it must agree with, `trial.json` by the trial's id.
 * @throws RecordError if the run's plan can't be read
 */
export async function verifyRun(store: Store, experiment: string, runId: string): Promise<Verification> {
  const run = objectKeys.run(experiment, runId);
  const plan = await loadPlan(store, objectKeys.plan(run));
  const { document, damage } = await readRunDocument(store, experiment, runId);
  const usesLedger = document?.ignoresLedger !== true;
  const seals = new SealReader(store);
  const trials = await mapConcurrently(
    plan.trials,
    (trial) => verifyTrial(store, plan, { trial, own: objectKeys.trial(run, trial.id), usesLedger, seals }),
    concurrentTrials,
  );
  const planId = planIdOf(plan.trials);
  const problems = [
    ...(plan.planId === planId ? [] : [{ key: objectKeys.plan(run), problem: "its trials don't have the plan's id" }]),
    ...(document === undefined || document.planId === plan.planId
      ? []
      : [{ key: objectKeys.source(run), problem: "it names another plan than the one beside it" }]),
    ...damage,
    ...(await findRunProblems(store, run, { plan, seals })),
  ];
  // What is known to be changed needs no second reason.
  const byKey = new Map(problems.toReversed().map((problem) => [problem.key, problem]));
  return { experiment, runId, sha256: hashTrials(trials), trials, problems: [...byKey.values()].toReversed() };
}

async function readRunDocument(
  store: Store,
  experiment: string,
  runId: string,
): Promise<{ readonly document?: RunDocument; readonly damage: readonly VerificationProblem[] }> {
  try {
    const document = await loadRunDocument(store, experiment, runId);
    return { ...(document && { document }), damage: [] };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { damage: [{ key: error.key, problem: error.problem }] };
  }
}

function hashTrials(trials: readonly VerifiedTrial[]): string {
  const hash = createHash("sha256");
  for (const { trialId, resultSha256 } of trials) {
    if (resultSha256 !== undefined) hash.update(`${trialId} ${resultSha256}\n`);
  }
  return hash.digest("hex");
}

interface TrialPlace {
  readonly trial: PlannedTrial;
  /** Key that the record has if this run trained the trial. */
  readonly own: string;
  readonly usesLedger: boolean;
  readonly seals: SealReader;
}

async function verifyTrial(store: Store, plan: Plan, place: TrialPlace): Promise<VerifiedTrial> {
  const { trial, own } = place;
  let key = own;
  try {
    key = await findRecord(store, place);
    const state = await loadTrialState(store, key);
    const seal = await place.seals.sealOf(key, trial.id);
    if (state.type !== "finished") {
      if (seal === undefined) return { trialId: trial.id, key, state: "unfinished", problems: [] };
      const gone = { key: `${key}/${trialFiles.result}`, problem: "is gone, though the run was sealed with it" };
      return { trialId: trial.id, key, state: "changed", problems: [gone] };
    }
    const problems = await findProblems(store, key, { plan, trial, result: state.result, seal });
    const resultSha256 = await store.sha256(`${key}/${trialFiles.result}`);
    return {
      trialId: trial.id,
      key,
      state: problems.length === 0 ? "intact" : "changed",
      problems,
      isSealed: seal !== undefined,
      ...(resultSha256 === undefined ? {} : { resultSha256 }),
    };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { trialId: trial.id, key, state: "changed", problems: [{ key: error.key, problem: error.problem }] };
  }
}

/**
 * Finds what was changed in one finished record.
 * @param place the planned trial, and the key of its record's folder
 */
export async function verifyRecord(
  store: Store,
  plan: Plan,
  { trial, key }: { readonly trial: PlannedTrial; readonly key: string },
): Promise<readonly VerificationProblem[]> {
  const place = { trial, own: key, usesLedger: false, seals: new SealReader(store) };
  return (await verifyTrial(store, plan, place)).problems;
}

async function findRecord(store: Store, { trial, own, usesLedger }: TrialPlace): Promise<string> {
  if (!usesLedger || (await store.sha256(`${own}/${trialFiles.result}`)) !== undefined) return own;
  const entry = (await findFinished(store, [trial.id])).get(trial.id);
  return entry === undefined ? own : objectKeys.trial(objectKeys.run(entry.experiment, entry.runId), trial.id);
}

interface FinishedTrial {
  readonly plan: Plan;
  readonly trial: PlannedTrial;
  readonly result: TrialResult;
  /** What the run's seal says of it. */
  readonly seal: SealedTrial | undefined;
}

async function findProblems(store: Store, key: string, finished: FinishedTrial): Promise<VerificationProblem[]> {
  const problems: VerificationProblem[] = [];
  const report = (name: string, problem: string): void => void problems.push({ key: `${key}/${name}`, problem });
  const circumstances = await findChangedCircumstances(store, key, finished.seal);
  // Hashes in a result that was changed itself say nothing of the other files.
  if (finished.seal !== undefined && (await store.sha256(`${key}/${trialFiles.result}`)) !== finished.seal.result) {
    return [{ key: `${key}/${trialFiles.result}`, problem: `was changed: ${unsealed}` }, ...circumstances];
  }
  for (const [name, sha256] of Object.entries(finished.result.files)) {
    const bytes = await store.get(`${key}/${name}`);
    if (bytes === undefined) report(name, "is missing, though result.json lists it");
    else if (sha256Of(bytes) !== sha256) report(name, "was changed: its SHA-256 is not the one in result.json");
  }
  // Against changed files, an untouched result would look wrong too.
  if (problems.length === 0) {
    for (const problem of await contradictions(store, key, finished)) report(trialFiles.result, problem);
  }
  const document = await loadTrialDocument(store, key);
  if (document === undefined) report(trialFiles.trial, "is missing");
  else if (idOf(document, finished.plan) !== finished.trial.id) {
    report(trialFiles.trial, "was changed: what it says doesn't have the trial's id");
  }
  const known = new Set(problems.map((problem) => problem.key));
  return [...problems, ...circumstances.filter((problem) => !known.has(problem.key))];
}

async function contradictions(store: Store, key: string, { trial, result }: FinishedTrial): Promise<string[]> {
  const lines = (await loadMetrics(store, key)) ?? [];
  const tested = lines.find((line) => line.kind === "epoch" && line.epoch === result.testedEpoch);
  const confusion = await loadJson(store, `${key}/${trialFiles.confusion}`, confusionSchema);
  const validation = tested?.kind === "epoch" ? tested.validation : undefined;
  return [
    ...(result.trialId === trial.id ? [] : ["was changed: it is the result of another trial"]),
    ...(tested === undefined || isSame(tested, result.train)
      ? []
      : ["was changed: metrics.jsonl says another `train`"]),
    ...(isSame(validation, result.validation) ? [] : ["was changed: metrics.jsonl says another `validation`"]),
    ...(confusion === undefined || isSameTest(confusion, result)
      ? []
      : ["was changed: confusion.json says another `test`"]),
  ];
}

function isSame(a: LossAndAccuracy | undefined, b: LossAndAccuracy | undefined): boolean {
  return a?.loss === b?.loss && a?.accuracy === b?.accuracy;
}

/** Accuracy and F1 are computed again; sums in another order may differ in the last digits. */
function isSameTest({ counts, classes }: ConfusionDocument, { test }: TrialResult): boolean {
  const total = counts.flat().reduce((sum, count) => sum + count, 0);
  const right = counts.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  const macroF1 = classes.reduce((sum, { f1 }) => sum + f1, 0) / classes.length;
  const isClose = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9;
  return (
    (total === 0 || isClose(right / total, test.accuracy)) && (classes.length === 0 || isClose(macroF1, test.macroF1))
  );
}

function idOf({ data, model, training, evaluation, seed }: TrialDocument, { code }: Plan): string {
  const hashes = {
    data: hashData(data),
    model: hashModel(model),
    training: hashTraining(training),
    evaluation: hashEvaluation(evaluation),
  };
  return trialIdOf(configurationIdOf(hashes, code.resultsVersion), seed);
}
