import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { fetchBridge, headersFolder } from "./fetch-bridge.ts";
import { runProgram } from "./run-program.ts";
import { findFlavour, findNativeEngine, nativeFolder, type NativeFolder, type NativeStamp } from "./native-folder.ts";
import type { NativePackage } from "./native-package.ts";
import {
  nativeFlavours,
  nativeRelease,
  requirementLines,
  wheelPlatforms,
  type NativeFlavour,
} from "./native-release.ts";
import { findNativeTools, type MissingPiece, type NativeTools, thisMachine } from "./native-requirements.ts";

/** How the native engine is installed. */
export interface NativeInstall {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** For which devices. */
  readonly flavour: NativeFlavour;
  /** The folder whose project may have a bridge; default the current one. */
  readonly from?: string;
  /** Whether to make it again though it is there. */
  readonly again: boolean;
  readonly now: () => Date;
  /** Takes a line about what is being done. */
  readonly log: (line: string) => void;
  /** Loads the addon and computes with it in another process. @returns what went wrong, or undefined */
  readonly selfTest: (addon: string) => Promise<string | undefined>;
}

/** How an installation went. */
export type InstallOutcome =
  | { readonly type: "installed" | "present"; readonly folder: NativeFolder }
  | { readonly type: "packaged"; readonly found: NativePackage }
  | { readonly type: "missing"; readonly missing: readonly MissingPiece[] }
  | { readonly type: "failed"; readonly reason: string };

/**
 * Makes the native engine in the user's cache folder: fetches TensorFlow's wheel with pip and the bridge's sources with npm
 * (held to their hashes), takes the C++ libraries out of the wheel, compiles the bridge against them and tests the result. Does nothing if that was done before, or if npm has
 * installed a bridge that has its addon.
 */
export async function installNativeEngine(install: NativeInstall): Promise<InstallOutcome> {
  const { variables, flavour, again, log } = install;
  const folder = nativeFolder(variables, flavour);
  const isWhole = findFlavour(variables, flavour).isInstalled && existsSync(folder.operations);
  if (!again && isWhole) return { type: "present", folder };
  const packaged = again ? undefined : findPackaged(install);
  if (packaged !== undefined) return { type: "packaged", found: packaged };
  const found = findNativeTools({
    ...thisMachine(),
    variables,
    folder: folder.path,
    diskBytes: nativeFlavours[flavour].diskBytes,
  });
  if ("missing" in found) return { type: "missing", ...found };

  rmSync(folder.stamp, { force: true });
  try {
    await fetchTensorflow(folder, found.tools, log);
    await fetchBridge(folder, found.tools);
    log("Compiling the bridge between Node.js and TensorFlow and our own operations (about 30 s) …");
    await Promise.all([compileBridge(folder, found.tools), compileOperations(folder, found.tools, log)]);
    for (const headers of [path.join(folder.tensorflow, "include"), path.dirname(headersFolder(folder))]) {
      rmSync(headers, { recursive: true, force: true });
    }
  } catch (error) {
    return { type: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
  log("Testing it …");
  const problem = await install.selfTest(folder.addon);
  if (problem !== undefined) return { type: "failed", reason: problem };
  writeStamp(folder, found.tools, install.now());
  return { type: "installed", folder };
}

/** The bridge that the engine would use now, if it does what was asked for: that for GPUs computes on CPUs, too. */
function findPackaged({ variables, flavour, from }: NativeInstall): NativePackage | undefined {
  const { folder } = findNativeEngine(variables, from);
  if (folder.package === undefined) return undefined;
  return folder.flavour === "gpu" || flavour === "cpu" ? folder : undefined;
}

async function fetchTensorflow(folder: NativeFolder, tools: NativeTools, log: NativeInstall["log"]): Promise<void> {
  const { wheel, libraries, downloadBytes } = nativeFlavours[folder.flavour];
  const downloads = path.join(folder.path, "download");
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  const requirements = path.join(downloads, "requirements.txt");
  writeFileSync(requirements, requirementLines(folder.flavour));
  const also = libraries.length > 0 ? ` and NVIDIA's libraries` : "";
  const size = `${Math.round(downloadBytes / 1e6)} MB`;
  log(`Fetching ${wheel.package} ${wheel.version}${also} from PyPI (${size}; pip keeps it in its cache) …`);
  const kind = [
    "--no-deps",
    "--require-hashes",
    "--only-binary=:all:",
    "--python-version",
    nativeRelease.pythonVersion,
  ];
  const platforms = wheelPlatforms.flatMap((platform) => ["--platform", platform]);
  const where = ["--dest", downloads, "--requirement", requirements];
  const quietly = ["--quiet", "--disable-pip-version-check"];
  await runProgram(tools.python, ["-m", "pip", "download", ...quietly, ...kind, ...platforms, ...where]);
  log("Unpacking …");
  const files = readdirSync(downloads).filter((name) => name.endsWith(".whl"));
  if (files.length === 0) throw new Error(`pip put no wheel into ${downloads}`);
  for (const old of [folder.tensorflow, path.join(folder.path, "nvidia")])
    rmSync(old, { recursive: true, force: true });
  for (const file of files) {
    await runProgram(tools.python, ["-c", unpackLibraries, path.join(downloads, file), folder.path]);
  }
  if (folder.flavour === "gpu") linkLibraries(folder.path);
  rmSync(downloads, { recursive: true, force: true });
}

/**
 * Makes two libraries be found that TensorFlow and cuDNN look for elsewhere than the wheels have them. Without the first
 * TensorFlow finds no GPU.
 */
function linkLibraries(folder: string): void {
  const nvidia = path.join(folder, "nvidia");
  symlinkSync("../../cusolver/lib/libcusolver.so.11", path.join(nvidia, "cublas", "lib", "libcusolver.so.11"));
  symlinkSync("cuda_nvrtc", path.join(nvidia, "nvrtc"));
}

/** Python: takes TensorFlow's C and C++ libraries and headers, or NVIDIA's libraries, out of a wheel. */
const unpackLibraries = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist()
        if name.startswith("tensorflow/include/") or (name.startswith("tensorflow/libtensorflow_") and ".so" in name)
        or (name.startswith("nvidia/") and "/lib/" in name and ".so" in name)])
`;

async function compileBridge(folder: NativeFolder, { compiler }: NativeTools): Promise<void> {
  const sources = path.join(folder.bridge, "binding");
  await compileLibrary(compiler, { folder, sources, flags: ["-O2", "-DNAPI_VERSION=8"], target: folder.addon });
}

/** Without our operations the engine computes as well: a compiler that can't make them is no reason to fail. */
async function compileOperations(folder: NativeFolder, { compiler }: NativeTools, log: NativeInstall["log"]) {
  try {
    const sources = fileURLToPath(new URL("operations", import.meta.url));
    await compileLibrary(compiler, { folder, sources, flags: ["-O3"], target: folder.operations });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log(`Our own operations could not be compiled; steps of convolutions will be slower. ${reason}`);
  }
}

interface Library {
  readonly folder: NativeFolder;
  /** Folder with the `.cc` files. */
  readonly sources: string;
  readonly flags: readonly string[];
  readonly target: string;
}

async function compileLibrary(compiler: string, { folder, sources, flags, target }: Library): Promise<void> {
  const names = readdirSync(sources).filter((name) => name.endsWith(".cc"));
  const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
  const included = [headersFolder(folder), path.join(folder.tensorflow, "include"), folder.bridge];
  const unfinished = `${target}.new`;
  // prettier-ignore
  await runProgram(compiler, [
    "-std=c++17",
    "-fPIC",
    "-shared",
    "-w",
    ...flags,
    ...included.flatMap((each) => ["-I", each]),
    "-o",
    unfinished,
    ...names.map((name) => path.join(sources, name)),
    ...libraries.map((name) => path.join(folder.tensorflow, name)),
    // Relative, so that the folder may be moved.
    "-Wl,-rpath,$ORIGIN/tensorflow",
  ]);
  renameSync(unfinished, target);
}

function writeStamp(folder: NativeFolder, { compilerVersion }: NativeTools, now: Date): void {
  const stamp: NativeStamp = {
    schemaVersion: 1,
    tensorflowVersion: nativeRelease.tensorflowVersion,
    wheelSha256: nativeFlavours[folder.flavour].wheel.sha256,
    compiler: compilerVersion,
    installedAt: now.toISOString(),
  };
  writeFileSync(folder.stamp, `${JSON.stringify(stamp, undefined, 2)}\n`);
}
