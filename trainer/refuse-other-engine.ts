import { trainerVariables, wasmKernelChoices } from "../src/contract/trainer-environment.ts";
import type { Failure } from "../src/contract/worker-messages.ts";
import { describeCheckpointEngine, type CheckpointEngine } from "../src/record/checkpoint-engine.ts";
import type { TrainingSnapshot } from "./trial-checkpoint.ts";

/**
 * Why a training can't go on from a checkpoint with this engine; undefined = it can. Half a trial on one engine and half on
 * another would be a result that nobody could train again.
 */
export function refuseOtherEngine(
  { engine: before, state }: Pick<TrainingSnapshot, "engine" | "state">,
  now: CheckpointEngine,
): Failure | undefined {
  if (before === undefined) return undefined;
  if (before.name === now.name && before.version === now.version && before.threads === now.threads) return undefined;
  const same = before.name === now.name ? whatComputed(before) : `--engine ${before.name}`;
  return {
    kind: "user",
    reason:
      `the checkpoint after step ${state.step} was computed by ${describeCheckpointEngine(before)}, this is ` +
      `${describeCheckpointEngine(now)}, which rounds differently: go on with ${same}, or train anew with --no-cache`,
  };
}

/** Kernels other than the usual ones are part of the version. */
function whatComputed({ version }: CheckpointEngine): string {
  const kernels = wasmKernelChoices.find((each) => version.includes(`+${each}`));
  return `what it was computed with${kernels === undefined ? "" : `, ${trainerVariables.wasmKernels}=${kernels}`}`;
}
