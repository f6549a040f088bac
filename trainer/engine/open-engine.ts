import { findNativeEngine } from "../../src/engine/native-folder.ts";
import {
  trainerVariables,
  type Device,
  type EngineChoice,
  type WasmKernelChoice,
} from "../../src/contract/trainer-environment.ts";
import type { Engine } from "./engine.ts";
import { createTensorflowEngine } from "./tensorflow/tensorflow-engine.ts";
import { createWasmEngine } from "./wasm-engine.ts";

/** The engine that was started, and why this one; or why the one that was asked for can't be. */
export type OpenedEngine = { readonly engine: Engine; readonly reason: string } | { readonly problem: string };

/** How an engine is started. */
export interface EngineStart {
  /** The environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Threads within an operation; the embedded engine has one. */
  readonly threads: number;
  /** What it must compute on; absent = whatever there is. */
  readonly device?: Device | undefined;
  /** Kernels of the embedded engine; absent = our own. */
  readonly wasmKernels?: WasmKernelChoice | undefined;
}

/** Starts the engine that was asked for; with `auto` the native one where it loads, else the embedded one. */
export async function openEngine(choice: EngineChoice, start: EngineStart): Promise<OpenedEngine> {
  if (start.device === "gpu") return openOnGpu(choice, start);
  if (choice === "wasm") return openWasm(start, "it was asked for");
  const native = await openNative(start);
  if ("engine" in native) return { engine: native.engine, reason: choice === "auto" ? native.found : askedFor(native) };
  if (choice === "tensorflow") return { problem: `the engine tensorflow can't be used: ${native.problem}` };
  return openWasm(start, `the engine tensorflow can't be used: ${native.problem}`);
}

/** A bridge that npm installed may be taken without anybody's knowing: that is said even where it was asked for. */
function askedFor({ engine, found }: { readonly engine: Engine; readonly found: string }): string {
  return engine.details?.["addon"] === "own" ? "it was asked for" : `it was asked for; ${found}`;
}

async function openWasm({ wasmKernels }: EngineStart, reason: string): Promise<OpenedEngine> {
  try {
    return { engine: await createWasmEngine(wasmKernels), reason };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { problem: `${trainerVariables.wasmKernels} is "${wasmKernels}", but ${error.message}` };
  }
}

/** TensorFlow falls back to the CPU without a word: who needs a GPU must be told. */
async function openOnGpu(choice: EngineChoice, start: EngineStart): Promise<OpenedEngine> {
  const asked = `${trainerVariables.device} is "gpu"`;
  if (choice === "wasm")
    return { problem: `${asked}, but the engine wasm computes on the CPU; use --engine tensorflow` };
  const native = await openNative(start);
  if ("problem" in native) return { problem: `${asked}, but the engine tensorflow can't be used: ${native.problem}` };
  if (native.engine.details?.["device"] === "gpu")
    return { engine: native.engine, reason: "it computes on the GPU, as asked for" };
  const fix =
    "look at `nvidia-smi` and `nightsweep engine doctor`, or install it with `nightsweep engine install --gpu`";
  return { problem: `${asked}, but TensorFlow found none it can use; ${fix}` };
}

async function openNative(
  start: EngineStart,
): Promise<{ readonly engine: Engine; readonly found: string } | { readonly problem: string }> {
  const { variables, threads, device } = start;
  const installation = findNativeEngine(variables);
  if (!installation.isInstalled) return { problem: installation.reason };
  try {
    const engine = await createTensorflowEngine({ files: installation.folder, threads, device });
    return { engine, found: installation.reason };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { problem: `it does not load (\`nightsweep engine doctor\` tells more): ${problem}` };
  }
}
