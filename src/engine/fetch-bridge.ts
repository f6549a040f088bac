import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { NativeFolder } from "./native-folder.ts";
import { hostLibraryKey, nativeRelease } from "./native-release.ts";
import type { NativeTools } from "./native-requirements.ts";
import { runProgram } from "./run-program.ts";

/** Packages that the bridge asks for and that are the host's tfjs: two copies of it would not know each other's tensors. */
const hostPackages = ["@tensorflow/tfjs", "@tensorflow/tfjs-core"];

/** Folder with `node_api.h`, while the engine is made. */
export function headersFolder({ path: folder }: NativeFolder): string {
  return path.join(folder, "headers", "include");
}

/**
 * Fetches the bridge's sources and Node.js' headers for addons with npm, held to their hashes. Nothing is installed and no
 * script of the packages runs: the bridge's own one would fetch another TensorFlow, 450 MB.
 */
export async function fetchBridge(folder: NativeFolder, tools: NativeTools): Promise<void> {
  const { bridge, headers } = nativeRelease;
  await fetchPackage(bridge, folder.bridge, tools);
  await fetchPackage(headers, path.join(folder.path, "headers"), tools);
  for (const name of hostPackages) {
    const shim = path.join(folder.bridge, "node_modules", name);
    mkdirSync(shim, { recursive: true });
    writeFileSync(path.join(shim, "index.js"), `module.exports = globalThis[Symbol.for("${hostLibraryKey}")];\n`);
  }
  // Messages for TensorBoard, which need a further package and which we don't write.
  writeFileSync(path.join(folder.bridge, "dist", "proto", "api_pb.js"), "module.exports = {};\n");
}

interface PinnedPackage {
  readonly package: string;
  readonly version: string;
  /** `sha512-…` of the tarball. */
  readonly integrity: string;
}

async function fetchPackage(pinned: PinnedPackage, target: string, { npm, python }: NativeTools): Promise<void> {
  const downloads = `${target}.download`;
  for (const old of [downloads, target]) rmSync(old, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  const name = `${pinned.package}@${pinned.version}`;
  await runProgram(npm, ["pack", name, "--pack-destination", downloads, "--ignore-scripts", "--silent"]);
  const [file] = readdirSync(downloads);
  if (file === undefined) throw new Error(`npm put no package into ${downloads}`);
  const tarball = path.join(downloads, file);
  const found = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  if (found !== pinned.integrity) throw new Error(`${name} has the hash ${found}, expected ${pinned.integrity}`);
  await runProgram(python, ["-c", unpackTarball, tarball, downloads, target]);
  rmSync(downloads, { recursive: true, force: true });
}

/** Python: unpacks an npm tarball, all of which is below `package/` and of known hash. */
const unpackTarball = `
import os, sys, tarfile
tarball, downloads, target = sys.argv[1:]
with tarfile.open(tarball) as archive:
    archive.extractall(downloads)
os.rename(os.path.join(downloads, "package"), target)
`;
