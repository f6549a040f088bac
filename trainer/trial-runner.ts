import { randomUUID } from "node:crypto";
import { defaultClaimTimes, type ClaimTimes } from "../src/contract/claim-variables.ts";
import { objectKeys } from "../src/contract/object-keys.ts";
import type { TrialOrigin } from "../src/contract/trainer-environment.ts";
import type { Failure, TrialProgress } from "../src/contract/worker-messages.ts";
import type { Plan, ResolvedTrial } from "../src/plan/plan.ts";
import { resolveTrial } from "../src/plan/resolve-trial.ts";
import { RecordError } from "../src/record/record-error.ts";
import { loadPlan, loadRunDocument } from "../src/record/run-store.ts";
import type { Store } from "../src/record/store.ts";
import type { TrialDocument } from "../src/record/trial-record.ts";
import { TrialWriter, writeFailure } from "../src/record/trial-writer.ts";
import { attemptClaimed, type TrialPlace } from "./claimed-attempt.ts";
import type { Clock } from "./clock.ts";
import type { DatasetCache } from "./dataset-cache.ts";
import { describeError, formatStack } from "./describe-error.ts";
import type { Engine } from "./engine/engine.ts";
import { loadInitialWeights } from "./load-initial-weights.ts";
import type { BatchPlace } from "./trial-batches.ts";
import { trainTrial, type AttemptOutcome } from "./train-trial.ts";

/** What a trainer process works with. */
export interface TrainerParts {
  readonly engine: Engine;
  readonly store: Store;
  /** Key of the plan in the store. */
  readonly planKey: string;
  readonly datasets: DatasetCache;
  /** Absolute path that relative files of the experiment start from. */
  readonly dataRoot: string;
  /** Where batches are made; absent = where it is best. */
  readonly batchPlace?: BatchPlace;
  /** Names the one that hands out attempts, never two at the same trial side by side; absent = this process itself. */
  readonly session?: string;
  /** How claims are kept; absent = the default. */
  readonly claimTimes?: ClaimTimes;
  /** Where the trials come from, for their records. */
  readonly origin?: TrialOrigin;
  readonly clock: Clock;
  /** Takes a line for people. */
  readonly log: (line: string) => void;
  /** Takes what goes to stderr. */
  readonly logError: (text: string) => void;
}

/** How somebody watches and ends an attempt. */
export interface AttemptControl {
  /** Aborted = finish the current step, checkpoint and leave. */
  readonly stop: AbortSignal;
  readonly onProgress: (progress: TrialProgress) => void;
}

/** The session of attempts that this process makes by itself. */
const ownSession = randomUUID();

/** Runs trials of one plan. */
export class TrialRunner {
  private loadedPlan: Plan | undefined;
  private ignoresLedger: boolean | undefined;

  constructor(private readonly parts: TrainerParts) {}

  /** The plan. @throws RecordError if there is none or it can't be read */
  async plan(): Promise<Plan> {
    this.loadedPlan ??= await loadPlan(this.parts.store, this.parts.planKey);
    return this.loadedPlan;
  }

  /**
   * Makes one attempt at a trial; a trial that has a result already, or that somebody else trains, is left as it is.
   * Never throws.
   * @param trialIndex index into `plan.trials`
   * @param attempt from 1
   */
  async run(trialIndex: number, attempt: number, control: AttemptControl): Promise<AttemptOutcome> {
    try {
      return await this.attempt(trialIndex, attempt, control);
    } catch (error) {
      this.parts.logError(formatStack(error));
      return { type: "failed", failure: describeError(error, this.parts.engine.heapBytes?.()) };
    }
  }

  /** Writes down why an attempt failed. */
  async recordFailure(trialIndex: number, attempt: number, failure: Failure): Promise<void> {
    const { store, planKey } = this.parts;
    const plan = await this.plan();
    const trialId = resolveTrial(plan, trialIndex).id;
    const trialKey = objectKeys.trial(objectKeys.run(plan.experiment, runIdOf(planKey, plan)), trialId);
    await writeFailure(store, trialKey, { schemaVersion: 1, trialId, attempt, ...failure });
  }

  /** Where a trial is recorded and claimed. */
  async place(trialIndex: number): Promise<TrialPlace> {
    const { store, planKey } = this.parts;
    const plan = await this.plan();
    const { experiment } = plan;
    const runId = runIdOf(planKey, plan);
    const trialId = resolveTrial(plan, trialIndex).id;
    this.ignoresLedger ??= (await loadRunDocument(store, experiment, runId))?.ignoresLedger === true;
    const { ignoresLedger } = this;
    return { experiment, runId, trialId, ignoresLedger };
  }

  private async attempt(trialIndex: number, attempt: number, control: AttemptControl): Promise<AttemptOutcome> {
    const { store, session = ownSession, claimTimes = defaultClaimTimes } = this.parts;
    const plan = await this.plan();
    const trial = resolveTrial(plan, trialIndex);
    const place = await this.place(trialIndex);
    const claimed = { ...place, store, session, beatMs: claimTimes.beatMs };
    return attemptClaimed(claimed, (claim) => {
      const writer = new TrialWriter(store, place, claim);
      // Who was overtaken stops as soon as it knows; its checkpoint is refused.
      const stop = AbortSignal.any([control.stop, claim.lost]);
      return this.train(trial, { plan, runId: place.runId, writer, attempt, ...control, stop });
    });
  }

  private async train(
    trial: ResolvedTrial,
    {
      plan,
      runId,
      writer,
      attempt,
      ...control
    }: AttemptControl & { plan: Plan; runId: string; writer: TrialWriter; attempt: number },
  ): Promise<AttemptOutcome> {
    const { store, datasets, dataRoot } = this.parts;
    const begun = await writer.begin(trialDocument(trial, runId));
    if (begun.type === "refused") return { type: "finished" };
    const loaded = await datasets.load(trial.data);
    if ("failure" in loaded) return { type: "failed", failure: loaded.failure };
    const started = await loadInitialWeights(trial.model, { store, dataRoot });
    if ("failure" in started) return { type: "failed", failure: started.failure };
    const { packageVersion } = plan.code;
    const { dataset } = loaded;
    const initialWeights = started.weights;
    const { stepsPerCall } = plan.resources;
    const own = { dataset, initialWeights, writer, attempt, packageVersion, stepsPerCall };
    return trainTrial(trial, { ...this.parts, ...control, ...own });
  }
}

/** Plans lie where their run does. */
function runIdOf(planKey: string, { experiment }: Plan): string {
  const runId = planKey.split("/").at(-2) ?? "";
  if (objectKeys.plan(objectKeys.run(experiment, runId)) === planKey) return runId;
  throw new RecordError(planKey, {
    problem: `a plan of the experiment "${experiment}" does not lie there`,
    fix: `give the key of a plan like ${objectKeys.plan(objectKeys.run(experiment, "<run id>"))}`,
  });
}

function trialDocument(trial: ResolvedTrial, runId: string): TrialDocument {
  const { id, seed, configuration, data, model, training, evaluation } = trial;
  return {
    schemaVersion: 1,
    runId,
    id,
    seed,
    configurationId: configuration.id,
    values: configuration.values,
    data,
    model,
    training,
    evaluation,
  };
}
