import { createRequire } from "node:module";
import { backend, ready, registerBackend, setBackend, type KernelBackend } from "@tensorflow/tfjs-core";
// Only this package's Node build registers the gradients of the operations; that of tfjs-core leaves them out.
import "@tensorflow/tfjs-layers";
import { nativeRelease } from "../../../src/engine/native-release.ts";
import { isNativeBackend, isNativeBinding, type NativeBackend } from "./native-backend.ts";

const backendName = "tensorflow";

/**
 * Makes TensorFlow the current backend of tfjs. Flags in the environment must have been set before.
 * @param addon path of the bridge's addon
 * @throws Error if it does not load, or is not that of the pinned version
 */
export async function loadNativeBackend(addon: string): Promise<NativeBackend> {
  const load = createRequire(import.meta.url);
  restoreRemovedFunctions(load("node:util"));
  const binding: unknown = load(addon);
  if (!isNativeBinding(binding)) throw new Error(`${addon} is not the addon of ${nativeRelease.bridgePackage}`);
  load(`${nativeRelease.bridgePackage}/dist/register_all_kernels`);
  const module: unknown = load(`${nativeRelease.bridgePackage}/dist/nodejs_kernel_backend`);
  if (!hasBackendClass(module)) throw new Error(`${nativeRelease.bridgePackage} has no NodeJSKernelBackend`);
  const { NodeJSKernelBackend } = module;
  registerBackend(backendName, () => new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node"));
  if (!(await setBackend(backendName))) throw new Error("the backend tensorflow of tfjs did not start");
  await ready();
  const started: unknown = backend();
  if (!isNativeBackend(started)) throw new Error("the backend tensorflow of tfjs is not that of the pinned version");
  return started;
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
