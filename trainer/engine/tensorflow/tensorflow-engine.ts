import { memory, version_core } from "@tensorflow/tfjs-core";
import type { Device } from "../../../src/contract/trainer-environment.ts";
import { nativeRelease } from "../../../src/engine/native-release.ts";
import { decodeSavedModel } from "../../model/saved-model.ts";
import type { Engine } from "../engine.ts";
import { CompiledPool } from "./compiled-pool.ts";
import { eagerSlotCount } from "./eager-steps.ts";
import { loadNativeBackend, loadOwnOperations, type NativeFiles } from "./load-native-backend.ts";
import type { NativeBackend } from "./native-backend.ts";
import { nativeFlags } from "./native-flags.ts";
import type { GraphKit } from "./operation-writer.ts";
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
  /** Whether our own operations are used where they are installed. Default true. */
  readonly usesOwnOperations?: boolean;
}

/** Flags that TensorFlow reads from the environment and that results or times may depend on. */
const recordedFlags = [
  "TF_ENABLE_ONEDNN_OPTS",
  "TF_NUM_INTRAOP_THREADS",
  "TF_NUM_INTEROP_THREADS",
  "TF_DETERMINISTIC_OPS",
  "NVIDIA_TF32_OVERRIDE",
];

/**
 * Raised when a step is computed by other operations than before, which may change the last digits of results: a checkpoint
 * of another revision is not gone on from.
 */
const stepsRevision = 2;

let loaded: LoadedBackend | undefined;

interface LoadedBackend {
  readonly backend: NativeBackend;
  readonly threads: number;
  readonly hasOwnOperations: boolean;
}

/**
 * Starts the native engine: TensorFlow's C++ library, a step of training in one call.
 * @throws Error if the addon does not load
 */
export async function createTensorflowEngine(options: TensorflowOptions): Promise<Engine> {
  const { files, threads = 1, device, compiles = true, usesOwnOperations = true } = options;
  const { backend, hasOwnOperations } = await load(files, { threads, device });
  const isOnProcessor = !backend.binding.isUsingGpuDevice();
  const kit = { isOnProcessor, hasOwnOperations: isOnProcessor && hasOwnOperations && usesOwnOperations };
  const computing = { backend, kit, compiles, pool: new CompiledPool() };
  return {
    name: "tensorflow",
    version: versionOf(backend, kit, files),
    threads,
    details: describe(backend, kit, files),
    buildModel: (request) => new TensorflowModel(computing, request),
    loadModel: async (saved, loss) =>
      new TensorflowPredictor(computing, await decodeSavedModel(saved), { loss, topology: saved.topology }),
    tensorCount: () => memory().numTensors - eagerSlotCount(),
  };
}

/** TensorFlow makes its threads when it loads, once in a process. */
async function load(
  files: NativeFiles,
  { threads, device }: { readonly threads: number; readonly device: Device | undefined },
): Promise<LoadedBackend> {
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
  loaded = { backend, threads, hasOwnOperations: loadOwnOperations(files) };
  return loaded;
}

/** Version of TensorFlow, and what else rounding depends on. */
function versionOf({ binding }: NativeBackend, { hasOwnOperations }: GraphKit, files: NativeFiles): string {
  const operations = hasOwnOperations ? `.operations.${nativeRelease.operationsRevision}` : "";
  // Another build of the same TensorFlow may round in another way.
  const build = files.package === undefined ? "" : ".package";
  return `${binding.TF_Version}+steps.${stepsRevision}${operations}${build}`;
}

function describe(
  { binding }: NativeBackend,
  { hasOwnOperations }: GraphKit,
  files: NativeFiles,
): Record<string, string> {
  const flags = recordedFlags.map((name) => [name, process.env[name] ?? "default"] as const);
  return {
    device: binding.isUsingGpuDevice() ? "gpu" : "cpu",
    tfjs: version_core,
    addon: files.package ?? "own",
    ownOperations: hasOwnOperations ? String(nativeRelease.operationsRevision) : "none",
    ...Object.fromEntries(flags),
  };
}
