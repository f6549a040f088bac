import type { Device } from "../../../src/contract/trainer-environment.ts";
import type { NativeFlavour } from "../../../src/engine/native-release.ts";

/** What decides how TensorFlow starts. */
export interface NativeStart {
  /** Threads within an operation. */
  readonly threads: number;
  /** `cpu` hides GPUs; absent = a GPU where there is one. */
  readonly device: Device | undefined;
  /** Which build of TensorFlow it is. */
  readonly flavour: NativeFlavour;
  /** The environment; what a person set there stays, except for threads. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * The environment variables that TensorFlow reads once, when it is loaded. Those that results depend on are always said,
 * so that they are the same on every machine and can be recorded.
 */
export function nativeFlags({ threads, device, flavour, variables }: NativeStart): Readonly<Record<string, string>> {
  const wished = (name: string, standard: string): readonly [string, string] => [name, variables[name] ?? standard];
  return Object.fromEntries([
    // Sums are split by the number of threads within an operation. Between operations, one: trials side by side use the cores.
    ["TF_NUM_INTRAOP_THREADS", String(threads)],
    ["TF_NUM_INTEROP_THREADS", "1"],
    // TensorFlow itself would choose by the kind of processor.
    wished("TF_ENABLE_ONEDNN_OPTS", "1"),
    // Errors only: what TensorFlow says about the machine at every start is of no use to people.
    wished("TF_CPP_MIN_LOG_LEVEL", "2"),
    ...(flavour === "cpu" ? [] : gpuFlags(device, wished)),
  ]);
}

function gpuFlags(
  device: Device | undefined,
  wished: (name: string, standard: string) => readonly [string, string],
): (readonly [string, string])[] {
  return [
    // Otherwise the first process on a GPU takes all of its memory.
    wished("TF_FORCE_GPU_ALLOW_GROWTH", "true"),
    // The bridge computes on the last GPU that it sees: show it one, the first.
    device === "cpu" ? ["CUDA_VISIBLE_DEVICES", "-1"] : wished("CUDA_VISIBLE_DEVICES", "0"),
    // Sums in one order, or a trial that went on from a checkpoint would not be the one that was never interrupted.
    wished("TF_DETERMINISTIC_OPS", "1"),
    // float32 as on CPUs, not products of 10 bits: NVIDIA_TF32_OVERRIDE=1 is the faster way.
    wished("NVIDIA_TF32_OVERRIDE", "0"),
  ];
}
