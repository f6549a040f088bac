import type { LearningRateSchedule, Training } from "../spec/schema/training.ts";
import type { Budget } from "./estimate.ts";

/** A training's length, and the optimizer's `learningRate`. */
export interface ScheduleFrame extends Pick<Budget, "stepsPerEpoch" | "stepCount"> {
  readonly base: number;
  /** What `reduceOnPlateau` has come down to; absent = it has not reduced anything. */
  readonly plateauRate?: number | undefined;
}

/** Steps of a schedule's warm-up; 0 without one. */
export function warmupStepsOf({ warmup }: LearningRateSchedule, stepsPerEpoch: number): number {
  return warmup?.steps ?? (warmup?.epochs ?? 0) * stepsPerEpoch;
}

/**
 * The learning rate of one step. During the warm-up of w steps it is from + (start − from)·step / w, where start is
 * the schedule's first rate; the schedule itself begins after it and counts its steps and epochs from there.
 * @param step optimizer steps done before this one, since the start of the trial
 * @see keras.optimizers.schedules.CosineDecay (the same warm-up)
 */
export function learningRateAt(schedule: LearningRateSchedule, frame: ScheduleFrame, step: number): number {
  const warmupSteps = warmupStepsOf(schedule, frame.stepsPerEpoch);
  const rest = { ...frame, stepCount: frame.stepCount - warmupSteps };
  if (step >= warmupSteps) return scheduledRate(schedule, rest, step - warmupSteps);
  const from = schedule.warmup?.from ?? 0;
  return from + ((scheduledRate(schedule, rest, 0) - from) * step) / warmupSteps;
}

/**
 * The learning rate without warm-up, of base b at step s or epoch e (from 0):
 * - step: b·factor^⌊e / everyEpochs⌋, or with s and everySteps
 * - multiStep: b·factor^(milestones that are reached)
 * - exponential: b·decayRate^(e / everyEpochs), or with s and everySteps; rounded down with `staircase`
 * - list: values[e], the last one for all later epochs
 * - reduceOnPlateau: what it has come down to
 */
function scheduledRate(schedule: LearningRateSchedule, frame: ScheduleFrame, step: number): number {
  const { base } = frame;
  const epoch = Math.floor(step / frame.stepsPerEpoch);
  switch (schedule.type) {
    case "constant":
      return base;
    case "step":
      return base * schedule.factor ** Math.floor(periods(schedule, { step, epoch }));
    case "multiStep": {
      const done = schedule.epochs === undefined ? step : epoch;
      const reached = (schedule.epochs ?? schedule.steps ?? []).filter((milestone) => milestone <= done);
      return base * schedule.factor ** reached.length;
    }
    case "exponential": {
      const count = periods(schedule, { step, epoch });
      return base * schedule.decayRate ** (schedule.staircase ? Math.floor(count) : count);
    }
    case "cosine":
      return cosineRate(schedule, frame, schedule.per === "step" ? step : epoch * frame.stepsPerEpoch);
    case "list":
      return schedule.values[Math.min(epoch, schedule.values.length - 1)] ?? base;
    case "reduceOnPlateau":
      return frame.plateauRate ?? base;
    default:
      return schedule satisfies never;
  }
}

interface Period {
  readonly everyEpochs?: number | undefined;
  readonly everySteps?: number | undefined;
}

/** How many times a period has passed. */
function periods({ everyEpochs, everySteps }: Period, done: { readonly step: number; readonly epoch: number }): number {
  return everyEpochs === undefined ? done.step / (everySteps ?? 1) : done.epoch / everyEpochs;
}

type Cosine = Extract<LearningRateSchedule, { readonly type: "cosine" }>;

/**
 * minimum + (top − minimum)·(1 + cos(π·t)) / 2 at the fraction t of a cycle; top is the base, times `factor` for every
 * restart before. Without restarts the one cycle is as long as the training after its warm-up.
 * @see keras.optimizers.schedules.CosineDecay and CosineDecayRestarts, with alpha = minimum / base
 */
function cosineRate({ minimum, restarts }: Cosine, frame: ScheduleFrame, step: number): number {
  let length = frame.stepCount;
  let start = 0;
  let scale = 1;
  if (restarts !== undefined) {
    length = restarts.firstSteps ?? (restarts.firstEpochs ?? 1) * frame.stepsPerEpoch;
    while (step >= start + length) {
      start += length;
      length *= restarts.multiplier;
      scale *= restarts.factor;
    }
  }
  const cosine = (scale * (1 + Math.cos((Math.PI * (step - start)) / length))) / 2;
  return minimum + (frame.base - minimum) * cosine;
}

/** The frame of a training's schedule. */
export function scheduleFrameOf({ optimizer }: Training, budget: Budget, plateauRate?: number): ScheduleFrame {
  const { stepsPerEpoch, stepCount } = budget;
  return { base: optimizer.learningRate, stepsPerEpoch, stepCount, plateauRate };
}
