import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { findNativePackage, type NativePackage } from "./native-package.ts";
import { nativeFlavours, nativeRelease, type NativeFlavour } from "./native-release.ts";

/** Environment variable that says where engines are installed; absent = in the user's cache folder. */
export const engineHomeVariable = "NIGHTSWEEP_ENGINE_HOME";

/** Where the parts of the native engine lie. */
export interface NativeFolder {
  readonly flavour: NativeFlavour;
  readonly path: string;
  /** The addon that Node.js loads. */
  readonly addon: string;
  /** Our own operations for processors (`operations`); the engine computes without them, too, more slowly. */
  readonly operations: string;
  /** The JavaScript and the C++ sources of the bridge. */
  readonly bridge: string;
  /** TensorFlow's libraries (and, while it is made, headers). */
  readonly tensorflow: string;
  /** Written last: its presence means that the engine is complete and has computed something. */
  readonly stamp: string;
  /** Our own installation belongs to no package. */
  readonly package?: undefined;
}

/** The folder of this release of the native engine, whether or not it is there. @param variables the environment */
export function nativeFolder(
  variables: Readonly<Record<string, string | undefined>>,
  flavour: NativeFlavour = "cpu",
): NativeFolder {
  const home = variables[engineHomeVariable] ?? path.join(cacheFolder(variables), "engine");
  const { tensorflowVersion, bridge, platform } = nativeRelease;
  const { wheel } = nativeFlavours[flavour];
  const folder = path.resolve(home, `${wheel.package}-${tensorflowVersion}-bridge-${bridge.version}-${platform}`);
  return {
    flavour,
    path: folder,
    addon: path.join(folder, "tfjs_binding.node"),
    operations: path.join(folder, `nightsweep_operations-${nativeRelease.operationsRevision}.node`),
    bridge: path.join(folder, "bridge"),
    tensorflow: path.join(folder, "tensorflow"),
    stamp: path.join(folder, "installed.json"),
  };
}

/** What `installed.json` says. */
export interface NativeStamp {
  readonly schemaVersion: 1;
  readonly tensorflowVersion: string;
  readonly wheelSha256: string;
  readonly compiler: string;
  readonly installedAt: string;
}

/** Whether the native engine is installed, and if not, why. */
export type NativeInstallation =
  | { readonly isInstalled: true; readonly folder: NativeFolder | NativePackage; readonly reason: string }
  | { readonly isInstalled: false; readonly folder: NativeFolder; readonly reason: string };

/**
 * Our own build for GPUs if it is installed, else that for CPUs, else the bridge that npm has installed, if it has an
 * addon. Looks at files only; whether the engine computes is for `nightsweep engine doctor` to tell.
 * @param variables the environment
 * @param from the folder whose project may have the bridge
 */
export function findNativeEngine(
  variables: Readonly<Record<string, string | undefined>>,
  from: string = process.cwd(),
): NativeInstallation {
  const onGpu = findFlavour(variables, "gpu");
  if (onGpu.isInstalled || existsSync(onGpu.folder.stamp)) return onGpu;
  const own = findFlavour(variables, "cpu");
  // What is damaged is to be mended: another engine in its place would change results without a word.
  if (own.isInstalled || existsSync(own.folder.stamp)) return own;
  const bridge = findNativePackage(from);
  if (bridge === undefined) return own;
  if ("problem" in bridge) return { ...own, reason: `${own.reason}; ${bridge.problem}` };
  const reason = `our own is not installed, but ${bridge.found.package} with an addon is`;
  return { isInstalled: true, folder: bridge.found, reason };
}

/** Whether one build of it is installed. */
export function findFlavour(
  variables: Readonly<Record<string, string | undefined>>,
  flavour: NativeFlavour,
): NativeInstallation & { readonly folder: NativeFolder } {
  const folder = nativeFolder(variables, flavour);
  const install = `nightsweep engine install${flavour === "gpu" ? " --gpu" : ""}`;
  if (!existsSync(folder.stamp)) {
    return { isInstalled: false, folder, reason: `it is not installed (\`${install}\` does it)` };
  }
  const isWhole = [folder.addon, folder.bridge].every(existsSync);
  if (!isWhole || readStampedHash(folder) !== nativeFlavours[flavour].wheel.sha256) {
    return { isInstalled: false, folder, reason: `${folder.path} is damaged (\`${install} --again\`)` };
  }
  return { isInstalled: true, folder, reason: "it is installed" };
}

function readStampedHash({ stamp }: NativeFolder): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(stamp, "utf8"));
    if (typeof content !== "object" || content === null || !("wheelSha256" in content)) return undefined;
    return typeof content.wheelSha256 === "string" ? content.wheelSha256 : undefined;
  } catch {
    return undefined;
  }
}
