import type { Training } from "../spec/schema/training.ts";

/** When checkpoints are written: after so many epochs, after so many steps, and when so many seconds have passed. */
export interface CheckpointCadence {
  readonly everyEpochs?: number;
  readonly everySteps?: number;
  readonly everySeconds?: number;
}

/** The cadence of `training.checkpoint`: who only says which ones are kept gets one after every epoch. */
export function checkpointCadence({
  everyEpochs,
  everySteps,
  everySeconds,
}: Training["checkpoint"]): CheckpointCadence {
  if (everyEpochs === undefined && everySteps === undefined && everySeconds === undefined) return { everyEpochs: 1 };
  return {
    ...(everyEpochs === undefined ? {} : { everyEpochs }),
    ...(everySteps === undefined ? {} : { everySteps }),
    ...(everySeconds === undefined ? {} : { everySeconds }),
  };
}
