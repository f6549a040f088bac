import { findNativeEngine } from "../../src/engine/native-folder.ts";
import type { EngineChoice } from "../../src/contract/trainer-environment.ts";
import type { Engine } from "./engine.ts";
import { createTensorflowEngine } from "./tensorflow/tensorflow-engine.ts";
import { createWasmEngine } from "./wasm-engine.ts";

/** The engine that was started, and why this one; or why the one that was asked for can't be. */
export type OpenedEngine = { readonly engine: Engine; readonly reason: string } | { readonly problem: string };

/**
 * Starts the engine that was asked for; with `auto` the native one where it loads, else the embedded one.
 * @param variables the environment
 */
export async function openEngine(
  choice: EngineChoice,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<OpenedEngine> {
  if (choice === "wasm") return { engine: await createWasmEngine(), reason: "it was asked for" };
  const native = await openNative(variables);
  if ("engine" in native) return { ...native, reason: choice === "auto" ? "it is installed" : "it was asked for" };
  if (choice === "tensorflow") return { problem: `the engine tensorflow can't be used: ${native.problem}` };
  return { engine: await createWasmEngine(), reason: `the engine tensorflow can't be used: ${native.problem}` };
}

async function openNative(
  variables: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly engine: Engine } | { readonly problem: string }> {
  const installation = findNativeEngine(variables);
  if (!installation.isInstalled) return { problem: installation.reason };
  try {
    return { engine: await createTensorflowEngine({ files: installation.folder }) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { problem: `it does not load (\`nightsweep engine doctor\` tells more): ${problem}` };
  }
}
