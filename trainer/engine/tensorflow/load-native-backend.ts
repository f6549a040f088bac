import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { backend, ready, registerBackend, setBackend, type KernelBackend } from "@tensorflow/tfjs-core";
// Only this package's Node build registers the gradients of the operations; that of tfjs-core leaves them out.
import "@tensorflow/tfjs-layers";
import type { NativeFolder } from "../../../src/engine/native-folder.ts";
import type { NativePackage } from "../../../src/engine/native-package.ts";
import { hostLibraryKey, nativeRelease } from "../../../src/engine/native-release.ts";
import { isNativeBackend, isNativeBinding, type NativeBackend } from "./native-backend.ts";

const backendName = "tensorflow";

/** Where the bridge between Node.js and TensorFlow is. */
export type NativeFiles = Pick<NativeFolder | NativePackage, "addon" | "operations" | "bridge" | "flavour" | "package">;

/**
 * Makes TensorFlow the current backend of tfjs. Flags in the environment must have been set before.
 * @param files where the bridge is
 * @throws Error if it does not load, or is not that of the pinned version
 */
export async function loadNativeBackend({ addon, bridge }: NativeFiles): Promise<NativeBackend> {
  const load = createRequire(import.meta.url);
  const name = nativeRelease.bridge.package;
  restoreRemovedFunctions(load("node:util"));
  const binding: unknown = load(addon);
  if (!isNativeBinding(binding)) throw new Error(`${addon} is not the addon of ${name}`);
  // The bridge must use the very tfjs that the layers are made of.
  Object.assign(globalThis, { [Symbol.for(hostLibraryKey)]: load("@tensorflow/tfjs-core") });
  bindHostLibrary(bridge, load);
  load(path.join(bridge, "dist", "register_all_kernels.js"));
  const module: unknown = load(path.join(bridge, "dist", "nodejs_kernel_backend.js"));
  if (!hasBackendClass(module)) throw new Error(`${name} has no NodeJSKernelBackend`);
  const { NodeJSKernelBackend } = module;
  registerBackend(backendName, () => new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node"));
  if (!(await setBackend(backendName))) throw new Error("the backend tensorflow of tfjs did not start");
  await ready();
  const started: unknown = backend();
  if (!isNativeBackend(started)) throw new Error("the backend tensorflow of tfjs is not that of the pinned version");
  return started;
}

/** Has a bridge that npm installed find our tfjs, where it would load another copy, which would not know our tensors. */
function bindHostLibrary(bridge: string, load: NodeJS.Require): void {
  const fromBridge = createRequire(path.join(bridge, "dist", "index.js"));
  const host = load.cache[load.resolve("@tensorflow/tfjs-core")];
  for (const name of ["@tensorflow/tfjs", "@tensorflow/tfjs-core"]) {
    const file = resolveIn(fromBridge, name);
    if (host !== undefined && file !== undefined) load.cache[file] = host;
  }
}

function resolveIn(fromBridge: NodeJS.Require, name: string): string | undefined {
  try {
    return fromBridge.resolve(name);
  } catch {
    return undefined;
  }
}

/**
 * Makes our own operations known to TensorFlow, which must be loaded.
 * @returns whether they are there and could be loaded
 */
export function loadOwnOperations({ operations }: Pick<NativeFiles, "operations">): boolean {
  if (operations === undefined || !existsSync(operations)) return false;
  try {
    createRequire(import.meta.url)(operations);
    return true;
  } catch {
    // Made against another TensorFlow or for another Node.js: the engine computes without them.
    return false;
  }
}

/** The bridge calls a function that Node.js 23 took away. */
function restoreRemovedFunctions(util: unknown): void {
  if (typeof util !== "object" || util === null || "isNullOrUndefined" in util) return;
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
}

type BackendClass = new (binding: unknown, packageName: string) => KernelBackend;

function hasBackendClass(module: unknown): module is { readonly NodeJSKernelBackend: BackendClass } {
  return typeof module === "object" && module !== null && "NodeJSKernelBackend" in module;
}
