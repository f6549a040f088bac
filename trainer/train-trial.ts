import { setImmediate as nextTurn } from "node:timers/promises";
import type { Failure, TrainedElsewhere, TrialProgress } from "../src/contract/worker-messages.ts";
import type { TrialOrigin } from "../src/contract/trainer-environment.ts";
import type { Dataset } from "../src/dataset/dataset.ts";
import { checkpointCadence } from "../src/plan/checkpoint-cadence.ts";
import { computeBudget, type Budget } from "../src/plan/estimate.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import type { Store } from "../src/record/store.ts";
import type { LossAndAccuracy } from "../src/record/trial-record.ts";
import type { TrialWriter } from "../src/record/trial-writer.ts";
import type { Clock } from "./clock.ts";
import type { Batches, Epoch } from "./data/batches.ts";
import { epochOrder } from "./data/epoch-order.ts";
import { describeDivergence, type Divergence } from "./divergence.ts";
import type { Engine, EngineModel, NamedTensor } from "./engine/engine.ts";
import { EpochStopwatch } from "./epoch-stopwatch.ts";
import { describeTest, lossAndAccuracy, predictExamples } from "./evaluate-model.ts";
import { formatEpoch } from "./format-epoch.ts";
import { refuseOtherEngine } from "./refuse-other-engine.ts";
import { describeAttempt, recordResult } from "./record-result.ts";
import { epochMetrics, learningRateOf, progressOf, takeIn } from "./training-figures.ts";
import { SeriesTraining } from "./series-training.ts";
import { emptySums, initialState, type TrainingState } from "./training-state.ts";
import { type BatchPlace, createTrialBatches, trialBatchSizes, type TrialBatches } from "./trial-batches.ts";
import { keptCheckpoints, loadSnapshot, saveSnapshot } from "./trial-checkpoint.ts";
import { trialClassWeights } from "./trial-class-weights.ts";
import { bestStep, watchEpoch } from "./watch-epoch.ts";

/** How an attempt at a trial ended. */
export type AttemptOutcome =
  | { readonly type: "finished" }
  /** Stopped on request; what was done is in a checkpoint. */
  | { readonly type: "checkpointed" }
  | { readonly type: "failed"; readonly failure: Failure }
  | TrainedElsewhere;

/** What an attempt works with. */
export interface AttemptParts {
  readonly engine: Engine;
  readonly dataset: Dataset;
  /** Trained weights that the model starts from; empty = none. */
  readonly initialWeights: readonly NamedTensor[];
  /** Where batches are made; absent = where it is best. */
  readonly batchPlace?: BatchPlace;
  /** Steps that the engine does in one call where it can, on images that it keeps; absent = 1. */
  readonly stepsPerCall?: number | undefined;
  readonly store: Store;
  /** Has begun the trial's record. */
  readonly writer: TrialWriter;
  /** From 1. */
  readonly attempt: number;
  /** Version of the package, for `environment.json`. */
  readonly packageVersion: string;
  readonly origin?: TrialOrigin;
  readonly clock: Clock;
  /** Aborted = finish the current step, checkpoint and leave. */
  readonly stop: AbortSignal;
  readonly onProgress: (progress: TrialProgress) => void;
  /** Takes a line for people. */
  readonly log: (line: string) => void;
}

/** Figures are read back from the engine at least this often: then progress shows, and a diverged loss is noticed. */
const maxUnreadSteps = 50;
const maxUnreadMilliseconds = 250;

/**
 * Trains and tests one trial and records it, from its newest checkpoint on if there is one. However often it is
 * interrupted, metrics, weights and predictions end up byte-equal to those of an uninterrupted training.
 */
export async function trainTrial(trial: ResolvedTrial, parts: AttemptParts): Promise<AttemptOutcome> {
  const { loss, optimizer, gradientClipping, ema } = trial.training;
  const { initialWeights } = parts;
  const classWeights = trialClassWeights(trial, parts.dataset);
  const rules = { loss, optimizer, gradientClipping, ema, classWeights };
  const batchSizes = trialBatchSizes(trial);
  const { model: planned, seed } = trial;
  const model = parts.engine.buildModel({ model: planned, ...rules, seed, initialWeights, batchSizes });
  const batches = createTrialBatches(trial, parts.dataset, parts.batchPlace);
  try {
    const training = new TrialTraining(trial, model, batches, parts);
    const refused = await training.restore();
    if (refused !== undefined) return refused;
    await training.prepareSeries();
    training.noteAttempt();
    return await training.run();
  } finally {
    model.dispose();
    await batches.close();
  }
}

/** One attempt's training. Its methods return an outcome if the attempt ends there. */
class TrialTraining {
  private readonly budget: Budget;
  private readonly tensorCount: number;
  private readonly startedAt: Date;
  private readonly startMilliseconds: number;
  private lastReadingMilliseconds: number;
  private lastReadingStep = 0;
  private lastSaveMilliseconds: number;
  private state: TrainingState = initialState();
  private secondsBefore = 0;
  private bestWeights: readonly NamedTensor[] | undefined;
  private series: SeriesTraining | undefined;
  /** Why steps are done one by one although several were asked for. */
  private seriesRefusal: string | undefined;

  constructor(
    private readonly trial: ResolvedTrial,
    private readonly model: EngineModel,
    private readonly batches: TrialBatches,
    private readonly parts: AttemptParts,
  ) {
    this.budget = computeBudget(trial.training, trial.data.trainCount);
    this.tensorCount = parts.engine.tensorCount();
    this.startedAt = parts.clock.date();
    this.startMilliseconds = parts.clock.milliseconds();
    this.lastReadingMilliseconds = this.startMilliseconds;
    this.lastSaveMilliseconds = this.startMilliseconds;
  }

  /** Goes back to where an earlier attempt left off, if there was one. @returns an outcome if it can't go on here */
  async restore(): Promise<AttemptOutcome | undefined> {
    const snapshot = await loadSnapshot(this.parts.store, this.parts.writer.key);
    if (snapshot === undefined) return undefined;
    const refusal = refuseOtherEngine(snapshot, this.parts.engine);
    if (refusal !== undefined) return { type: "failed", failure: refusal };
    this.state = snapshot.state;
    this.secondsBefore = snapshot.state.seconds;
    this.bestWeights = snapshot.bestWeights;
    this.model.writeState(snapshot.tensors);
    this.parts.log(`going on after step ${this.state.step} of ${this.budget.stepCount}`);
    return undefined;
  }

  /** Gets ready to do several steps in one call, if that is wished and possible. */
  async prepareSeries(): Promise<void> {
    const { stepsPerCall = 1 } = this.parts;
    if (stepsPerCall === 1) return;
    const prepared = await SeriesTraining.prepare(this.trial, this.model, this.batches.train, stepsPerCall);
    if (prepared instanceof SeriesTraining) this.series = prepared;
    else {
      this.seriesRefusal = prepared.refusal;
      this.parts.log(`one step a call, not ${stepsPerCall}: ${prepared.refusal}`);
    }
  }

  /** Notes who goes on from here, for `environment.json`. */
  noteAttempt(): void {
    const { state, parts, startedAt } = this;
    state.attempts = [...(state.attempts ?? []), describeAttempt(parts, startedAt, state.step)];
  }

  async run(): Promise<AttemptOutcome> {
    while (this.state.epoch < this.budget.epochCount && this.state.earlyStopping?.stoppedEpoch === undefined) {
      const stopwatch = new EpochStopwatch(this.parts.clock, this.state.epochSums.examples);
      const outcome = (await this.trainEpoch()) ?? (await this.endEpoch(stopwatch));
      if (outcome !== undefined) return outcome;
    }
    const { stoppedEpoch, bestEpoch } = this.state.earlyStopping ?? {};
    if (stoppedEpoch !== undefined) this.parts.log(`stopped early: no improvement since epoch ${bestEpoch}`);
    return this.testAndRecord();
  }

  /** Trains what is left of the epoch, which the budget may cut short. */
  private async trainEpoch(): Promise<AttemptOutcome | undefined> {
    const { trial, state, budget, batches } = this;
    const { shuffle, checkpoint } = trial.training;
    const count = batches.train.exampleCount;
    const order = epochOrder({ count, seed: trial.seed, epoch: state.epoch, shuffle });
    const epoch = { number: state.epoch, order };
    const batchCount = Math.min(budget.stepsPerEpoch, budget.stepCount - state.epoch * budget.stepsPerEpoch);
    while (state.batch < batchCount) {
      const count = await this.trainSteps(epoch, batchCount);
      state.step += count;
      state.batch += count;

      await nextTurn(); // stop requests arrive here
      const isStopped = this.parts.stop.aborted;
      const isLast = state.batch === batchCount;
      // The checkpoint of an epoch's last step is written once the epoch is evaluated.
      const saves = isStopped || (!isLast && (isMultiple(state.step, checkpoint.everySteps) || this.secondsAreOver()));
      if (saves || isLast || this.readingIsDue()) {
        const diverged = this.readFigures();
        if (diverged !== undefined) return diverged;
      }
      if (saves) await this.saveCheckpoint();
      if (isStopped) return { type: "checkpointed" };
    }
    return undefined;
  }

  /** One step, or a series of them. @returns how many were done */
  private async trainSteps(epoch: Epoch, batchCount: number): Promise<number> {
    const { trial, state, series } = this;
    const place = { step: state.step, batch: state.batch, batchCount };
    const learningRateAt = (step: number): number => learningRateOf(trial, state, step);
    if (series?.fits(place) === true) return series.train(place, epoch, learningRateAt);
    const batch = await this.batches.train.assemble(state.batch, epoch);
    this.model.trainStep(batch, { step: state.step, learningRate: learningRateAt(state.step) });
    return 1;
  }

  /** Evaluates the trained epoch and records it. */
  private async endEpoch(stopwatch: EpochStopwatch): Promise<AttemptOutcome | undefined> {
    const { trial, state, parts } = this;
    const { checkpoint } = trial.training;
    stopwatch.markTrained();
    const validation = await this.evaluate(this.batches.validation);
    const test = await this.evaluate(trial.evaluation.test === "everyEpoch" ? this.batches.test : undefined);
    if (parts.stop.aborted) return this.stopAtCheckpoint();
    const diverged = this.checkLoss("validation", validation) ?? this.checkLoss("test", test);
    if (diverged !== undefined) return diverged;

    const metrics = epochMetrics(trial, state, { validation, test });
    const timing = stopwatch.timing(metrics.epoch, parts.attempt, state.epochSums.examples);
    parts.log(formatEpoch(metrics, timing, this.budget.epochCount));
    const { isBest, keepsWeights } = watchEpoch(trial, state, metrics);
    if (keepsWeights) this.bestWeights = this.model.readEvaluatedWeights();
    state.metrics.push(metrics);
    state.timings.push(timing);
    parts.onProgress({ ...progressOf(trial, state), isEpochEnd: true });
    state.epoch++;
    state.batch = 0;
    state.epochSums = emptySums();

    await parts.writer.writeMetrics(state.metrics);
    await parts.writer.writeTimings(state.timings);
    const { everyEpochs, everySteps } = checkpointCadence(checkpoint);
    const isDue = isMultiple(state.epoch, everyEpochs) || isMultiple(state.step, everySteps) || this.secondsAreOver();
    if (isDue || (isBest && checkpoint.keep === "best")) await this.saveCheckpoint();
    this.checkTensorCount();
    return undefined;
  }

  /** Tests the model as it is saved, not as it is in memory, so that loading it again gives the recorded figures. */
  private async testAndRecord(): Promise<AttemptOutcome> {
    const { trial, state, parts, startedAt } = this;
    const saved = this.model.save(this.bestWeights ?? this.model.readEvaluatedWeights());
    const predictor = await parts.engine.loadModel(saved, trial.training.loss);
    try {
      const predictions = await predictExamples(predictor, this.batches.test, parts.stop);
      if (predictions === undefined) return await this.stopAtCheckpoint();
      const diverged = this.checkLoss("test", lossAndAccuracy(predictions));
      if (diverged !== undefined) return diverged;
      const test = describeTest(predictions, trial.data.dataset.classNames);
      this.noteSeconds();
      await recordResult(parts, { trial, state, saved, test, startedAt, stepMode: this.stepMode() });
      return { type: "finished" };
    } finally {
      predictor.dispose();
    }
  }

  private async evaluate(batches: Batches | undefined): Promise<LossAndAccuracy | undefined> {
    if (batches === undefined) return undefined;
    const predictions = await predictExamples(this.model, batches, this.parts.stop);
    return predictions && lossAndAccuracy(predictions);
  }

  private stepMode(): string | undefined {
    const { stepMode } = this.model;
    if (this.seriesRefusal === undefined) return stepMode;
    return [stepMode ?? [], `one step a call: ${this.seriesRefusal}`].flat().join("; ");
  }

  private readingIsDue(): boolean {
    const unread = this.parts.clock.milliseconds() - this.lastReadingMilliseconds;
    return this.state.step - this.lastReadingStep >= maxUnreadSteps || unread >= maxUnreadMilliseconds;
  }

  private readFigures(): AttemptOutcome | undefined {
    const { trial, state, parts } = this;
    this.lastReadingMilliseconds = parts.clock.milliseconds();
    this.lastReadingStep = state.step;
    const diverged = takeIn(trial, state, this.model.drainSteps());
    if (diverged !== undefined) return this.fail("training", diverged.loss, diverged.step);
    parts.onProgress(progressOf(trial, state));
    return undefined;
  }

  private async stopAtCheckpoint(): Promise<AttemptOutcome> {
    await this.saveCheckpoint();
    return { type: "checkpointed" };
  }

  private async saveCheckpoint(): Promise<void> {
    const { state, model, parts, bestWeights } = this;
    this.noteSeconds();
    const { name, version, threads } = parts.engine;
    const snapshot = { state, tensors: model.readState(), bestWeights, engine: { name, version, threads } };
    const kept = keptCheckpoints(this.trial.training.checkpoint.keep, bestStep(state));
    await saveSnapshot(parts.store, parts.writer, snapshot, kept);
    this.lastSaveMilliseconds = parts.clock.milliseconds();
  }

  private secondsAreOver(): boolean {
    const { everySeconds } = this.trial.training.checkpoint;
    const passed = this.parts.clock.milliseconds() - this.lastSaveMilliseconds;
    return everySeconds !== undefined && passed >= 1000 * everySeconds;
  }

  private noteSeconds(): void {
    this.state.seconds = this.secondsBefore + (this.parts.clock.milliseconds() - this.startMilliseconds) / 1000;
  }

  private checkLoss(of: Divergence["of"], figures: LossAndAccuracy | undefined): AttemptOutcome | undefined {
    if (figures === undefined || Number.isFinite(figures.loss)) return undefined;
    return this.fail(of, figures.loss, this.state.step);
  }

  private fail(of: Divergence["of"], loss: number, step: number): AttemptOutcome {
    const { epochCount, stepCount } = this.budget;
    const epoch = Math.min(this.state.epoch, epochCount - 1);
    const learningRate = learningRateOf(this.trial, this.state, step - 1);
    const divergence = { of, loss, epoch: epoch + 1, step, stepCount, learningRate };
    return { type: "failed", failure: describeDivergence(divergence, this.trial.training) };
  }

  private checkTensorCount(): void {
    const count = this.parts.engine.tensorCount();
    if (count === this.tensorCount) return;
    throw new Error(`memory leak: ${this.tensorCount} tensors at first, ${count} after epoch ${this.state.epoch}`);
  }
}

function isMultiple(count: number, cadence: number | undefined): boolean {
  return cadence !== undefined && count % cadence === 0;
}
