import type { LearningRateSchedule } from "../spec/schema/training.ts";

/** Where a training is; both count from 0. */
export interface TrainingPosition {
  readonly epoch: number;
  /** Optimizer steps done since the start of the trial. */
  readonly step: number;
}

/**
 * The learning rate of the step that is taken at `position`.
 * @param base the optimizer's `learningRate`
 * @returns `base` for `constant`; base × factor^floor(epoch / everyEpochs) for `step`
 */
export function learningRateAt(schedule: LearningRateSchedule, base: number, position: TrainingPosition): number {
  switch (schedule.type) {
    case "constant":
      return base;
    case "step":
      return base * schedule.factor ** Math.floor(position.epoch / schedule.everyEpochs);
    default:
      return schedule satisfies never;
  }
}
