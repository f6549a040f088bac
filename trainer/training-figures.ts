import type { TrialProgress } from "../src/contract/worker-messages.ts";
import { computeBudget } from "../src/plan/estimate.ts";
import { learningRateAt, scheduleFrameOf } from "../src/plan/learning-rate.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import type { EpochMetrics, LossAndAccuracy } from "../src/record/trial-record.ts";
import type { StepFigures } from "./engine/engine.ts";
import { emptySums, type FigureSums, type TrainingState } from "./training-state.ts";

/**
 * Sums up the newest steps' figures and writes the lines of `logEverySteps`.
 * @param figures of the last steps up to `state.step`, all of the current epoch
 * @returns the step (from 1) whose loss is not finite, if there is one; later ones are left out
 */
export function takeIn(
  trial: ResolvedTrial,
  state: TrainingState,
  figures: readonly StepFigures[],
): { readonly step: number; readonly loss: number } | undefined {
  const { logEverySteps } = trial.training;
  const stepsBefore = state.step - figures.length;
  for (const [index, entry] of figures.entries()) {
    const step = stepsBefore + index + 1;
    if (!Number.isFinite(entry.loss)) return { step, loss: entry.loss };
    add(state.epochSums, entry);
    add(state.logSums, entry);
    if (logEverySteps === undefined || step % logEverySteps !== 0) continue;
    const learningRate = learningRateOf(trial, state, step - 1);
    state.metrics.push({ kind: "step", epoch: state.epoch + 1, step, learningRate, ...means(state.logSums) });
    state.logSums = emptySums();
  }
  return undefined;
}

/** Learning rate of one step. @param step optimizer steps done before it; a step of the current epoch */
export function learningRateOf(
  { training, data }: ResolvedTrial,
  { plateau }: Pick<TrainingState, "plateau">,
  step: number,
): number {
  const budget = computeBudget(training, data.trainCount);
  return learningRateAt(training.learningRateSchedule, scheduleFrameOf(training, budget, plateau?.rate), step);
}

function add(sums: FigureSums, { loss, correct, size }: StepFigures): void {
  sums.loss += loss * size;
  sums.correct += correct;
  sums.examples += size;
}

function means(sums: FigureSums): LossAndAccuracy {
  return { loss: sums.loss / sums.examples, accuracy: sums.correct / sums.examples };
}

/** The line of `metrics.jsonl` for the current epoch, of which at least one step was trained. */
export function epochMetrics(
  trial: ResolvedTrial,
  state: TrainingState,
  evaluated: { readonly validation: LossAndAccuracy | undefined; readonly test: LossAndAccuracy | undefined },
): EpochMetrics {
  const { validation, test } = evaluated;
  return {
    kind: "epoch",
    epoch: state.epoch + 1,
    step: state.step,
    learningRate: learningRateOf(trial, state, state.step - 1),
    ...means(state.epochSums),
    ...(validation && { validation }),
    ...(test && { test }),
  };
}

/** How far the training is, between two steps of an epoch. */
export function progressOf(trial: ResolvedTrial, state: TrainingState): TrialProgress {
  const { epochCount, stepCount } = computeBudget(trial.training, trial.data.trainCount);
  const validation = state.metrics.findLast((line) => line.kind === "epoch")?.validation;
  return {
    epoch: Math.min(state.epoch + 1, epochCount),
    epochCount,
    step: state.step,
    stepCount,
    ...(state.epochSums.examples > 0 && means(state.epochSums)),
    ...(validation && { validationLoss: validation.loss, validationAccuracy: validation.accuracy }),
  };
}
