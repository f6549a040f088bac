import { memory, version_core } from "@tensorflow/tfjs-core";
import type { Device } from "../../../src/contract/trainer-environment.ts";
import { decodeSavedModel } from "../../model/saved-model.ts";
import type { Engine } from "../engine.ts";
import { eagerSlotCount } from "./eager-steps.ts";
import { loadNativeBackend, type NativeFiles } from "./load-native-backend.ts";
import type { NativeBackend } from "./native-backend.ts";
import { nativeFlags } from "./native-flags.ts";
import { registerNativeGradients } from "./register-gradients.ts";
import { TensorflowModel, TensorflowPredictor } from "./tensorflow-model.ts";

/** How the native engine is started. */
export interface TensorflowOptions {
  /** Where the engine is installed. */
  readonly files: NativeFiles;
  /** Threads within an operation; results depend on it. Default 1. */
  readonly threads?: number;
  /** `cpu` hides GPUs; absent = a GPU where there is one. */
  readonly device?: Device | undefined;
  /** Whether steps are compiled into one call where that is possible. Default true. */
  readonly compiles?: boolean;
}

/** Flags that TensorFlow reads from the environment and that results or times may depend on. */
const recordedFlags = [
  "TF_ENABLE_ONEDNN_OPTS",
  "TF_NUM_INTRAOP_THREADS",
  "TF_NUM_INTEROP_THREADS",
  "TF_DETERMINISTIC_OPS",
  "NVIDIA_TF32_OVERRIDE",
];

let loaded: { readonly backend: NativeBackend; readonly threads: number } | undefined;

/**
 * Starts the native engine: TensorFlow's C++ library, a step of training in one call.
 * @throws Error if the addon does not load
 */
export async function createTensorflowEngine(options: TensorflowOptions): Promise<Engine> {
  const { files, threads = 1, device, compiles = true } = options;
  const { backend } = await load(files, { threads, device });
  const computing = { backend, compiles };
  return {
    name: "tensorflow",
    version: backend.binding.TF_Version,
    threads,
    details: describe(backend),
    buildModel: (request) => new TensorflowModel(computing, request),
    loadModel: async (saved, loss) => new TensorflowPredictor(computing, await decodeSavedModel(saved), loss),
    tensorCount: () => memory().numTensors - eagerSlotCount(),
  };
}

/** TensorFlow makes its threads when it loads, once in a process. */
async function load(
  files: NativeFiles,
  { threads, device }: { readonly threads: number; readonly device: Device | undefined },
): Promise<{ readonly backend: NativeBackend }> {
  if (loaded !== undefined) {
    if (loaded.threads !== threads) throw new Error(`TensorFlow runs with ${loaded.threads} threads in this process`);
    return loaded;
  }
  for (const [name, value] of Object.entries(
    nativeFlags({ threads, device, flavour: files.flavour, variables: process.env }),
  )) {
    process.env[name] = value;
  }
  const backend = await loadNativeBackend(files);
  registerNativeGradients(backend);
  loaded = { backend, threads };
  return loaded;
}

function describe({ binding }: NativeBackend): Record<string, string> {
  const flags = recordedFlags.map((name) => [name, process.env[name] ?? "default"] as const);
  return {
    device: binding.isUsingGpuDevice() ? "gpu" : "cpu",
    tfjs: version_core,
    ...Object.fromEntries(flags),
  };
}
