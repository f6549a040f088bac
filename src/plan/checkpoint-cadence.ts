import type { Training } from "../spec/schema/training.ts";

/** When checkpoints are written: after so many epochs, and after so many steps. */
export interface CheckpointCadence {
  readonly everyEpochs?: number;
  readonly everySteps?: number;
}

/** The cadence of `training.checkpoint`: who only says which ones are kept gets one after every epoch. */
export function checkpointCadence({ everyEpochs, everySteps }: Training["checkpoint"]): CheckpointCadence {
  if (everyEpochs === undefined && everySteps === undefined) return { everyEpochs: 1 };
  return { ...(everyEpochs === undefined ? {} : { everyEpochs }), ...(everySteps === undefined ? {} : { everySteps }) };
}
