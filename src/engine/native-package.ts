import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { nativeRelease, type NativeFlavour } from "./native-release.ts";

/** A bridge that npm has installed, with the addon that its own installer, or `npm rebuild`, has made. */
export interface NativePackage {
  readonly flavour: NativeFlavour;
  /** Its root. */
  readonly path: string;
  readonly addon: string;
  readonly bridge: string;
  /** Our own operations are made for our own TensorFlow only. */
  readonly operations?: undefined;
  /** Name and version. */
  readonly package: string;
}

/** What was found; of a package that can't be used, why. */
export type FoundPackage = { readonly found: NativePackage } | { readonly problem: string };

const packages: readonly (readonly [name: string, flavour: NativeFlavour])[] = [
  ["@tensorflow/tfjs-node-gpu", "gpu"],
  ["@tensorflow/tfjs-node", "cpu"],
];

/**
 * Looks for a bridge that npm has installed, as Node.js would resolve it: in the project of a folder, then among the
 * global packages. Looks at files only.
 * @param from the folder
 * @param globalFolder `node_modules` of the global packages
 * @returns the first that can be used, else the first that can't, else undefined
 */
export function findNativePackage(
  from: string,
  globalFolder: string = globalPackages(process.execPath),
): FoundPackage | undefined {
  const candidates = packages.flatMap(([name, flavour]) => {
    const root = resolveProject(from, name) ?? path.join(globalFolder, name);
    const found = inspect(root, name, flavour);
    return found === undefined ? [] : [found];
  });
  return candidates.find((each) => "found" in each) ?? candidates[0];
}

/** Where `npm install --global` puts packages, unless its prefix was changed. @param node the program */
function globalPackages(node: string): string {
  const folder = path.dirname(node);
  return process.platform === "win32"
    ? path.join(folder, "node_modules")
    : path.join(folder, "..", "lib", "node_modules");
}

function resolveProject(from: string, name: string): string | undefined {
  try {
    return path.dirname(createRequire(path.join(from, "package.json")).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

function inspect(root: string, name: string, flavour: NativeFlavour): FoundPackage | undefined {
  const version = readVersion(path.join(root, "package.json"));
  if (version === undefined) return undefined;
  const named = `${name} ${version} in ${root}`;
  const wanted = nativeRelease.bridge.version;
  if (version !== wanted) return { problem: `${named} is not used: it would have to be ${wanted}` };
  const addon = path.join(root, "lib", "napi-v8", "tfjs_binding.node");
  if (!existsSync(addon)) return { problem: `${named} has no addon (\`npm rebuild ${name}\` makes it)` };
  return { found: { flavour, path: root, addon, bridge: root, package: `${name} ${version}` } };
}

function readVersion(file: string): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof content !== "object" || content === null || !("version" in content)) return undefined;
    return typeof content.version === "string" ? content.version : undefined;
  } catch {
    return undefined;
  }
}
