import path from "node:path";
import { channelWorkerVariables, type EngineChoice } from "../contract/trainer-environment.ts";
import { exitCodeOfFailure } from "../contract/exit-codes.ts";
import { objectKeys } from "../contract/object-keys.ts";
import { compareRun } from "../compare/compare-run.ts";
import { selectTrial } from "../compare/select.ts";
import { askTrainer as ask, type TrainerAnswer, type TrainerQuestion } from "../execute/ask-trainer.ts";
import { loadRun } from "../record/load-run.ts";
import { absoluteLocation } from "../record/open-store.ts";
import { CliError } from "./cli-error.ts";
import { engineLikeRecord } from "./engine-option.ts";
import { findRun, type RunReference } from "./find-run.ts";
import { trainerEntry } from "./product.ts";
import { openStoreAt } from "./store-option.ts";

/** The finished trial a person means. */
export interface TrialReference extends RunReference {
  readonly store: string;
  /** `best`, a rank, or the beginning of an id. */
  readonly which: string;
  /** What computes. */
  readonly engine: EngineChoice;
}

/** A finished trial and where its record is. */
export interface FoundTrial {
  readonly trialId: string;
  readonly seed: number;
  readonly runId: string;
  readonly classNames: readonly string[];
}

/** What a question about a trial is made from. */
export interface AskedTrial {
  /** Key of the record's folder. */
  readonly trialKey: string;
  /** Examples it was tested on. */
  readonly testCount: number;
}

/**
 * Finds a finished trial and asks a trainer process about its saved model.
 * @throws CliError if the trainer can't answer
 */
export async function askAboutTrial<Answer extends TrainerAnswer["type"]>(
  reference: TrialReference,
  question: (trial: AskedTrial) => TrainerQuestion,
  expected: Answer,
): Promise<{ readonly trial: FoundTrial; readonly answer: Extract<TrainerAnswer, { type: Answer }> }> {
  const store = await openStoreAt(reference.store);
  const run = await findRun(store, reference);
  const records = await loadRun(store, run.experiment, run.runId, { parts: ["environment"] });
  const { trialId, seed } = selectTrial(compareRun(records), reference.which);
  const record = records.trials.find(({ trial }) => trial.id === trialId);
  const configuration = records.plan.configurations[record?.trial.configuration ?? -1];
  const data = records.plan.data[configuration?.data ?? -1];
  const classNames = data?.dataset.classNames ?? [];
  const environment = channelWorkerVariables({
    store: absoluteLocation(reference.store),
    planKey: objectKeys.plan(objectKeys.run(run.experiment, run.runId)),
    dataRoot: path.dirname(run.experimentFile),
    engine: engineLikeRecord(reference.engine, record?.environment?.engine),
  });
  const answer = await ask(
    { trainer: trainerEntry(), environment: { ...process.env, ...environment } },
    question({ trialKey: record?.key ?? "", testCount: data?.testCount ?? 0 }),
  );
  if (answer.type === "refused") {
    throw new CliError(exitCodeOfFailure(answer.failure), answer.failure.reason);
  }
  if (!isAnswer(answer, expected)) throw new Error(`the trainer answered "${answer.type}", expected "${expected}"`);
  return { trial: { trialId, seed, runId: run.runId, classNames }, answer };
}

function isAnswer<Answer extends TrainerAnswer["type"]>(
  answer: TrainerAnswer,
  expected: Answer,
): answer is Extract<TrainerAnswer, { type: Answer }> {
  return answer.type === expected;
}
