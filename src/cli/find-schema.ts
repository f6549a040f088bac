import { existsSync } from "node:fs";
import path from "node:path";

/** Where the packed product, and a clone that has been built, have the JSON Schema of experiments. */
const inPackage = path.join("dist", "experiment.schema.json");

/**
 * The JSON Schema that comes with nightsweep, where it can be named by a path that holds on other machines as well:
 * in the folder of the YAML file, or one above it, that nightsweep is installed in or is a clone of.
 * @param folder of the YAML file
 * @param packageFolder of the nightsweep that runs
 * @returns path from `folder`; undefined if nightsweep is installed elsewhere
 */
export function findInstalledSchema(folder: string, packageFolder: string): string | undefined {
  for (const parent of foldersFrom(path.resolve(folder))) {
    const installed = path.join(parent, "node_modules", "nightsweep", inPackage);
    if (existsSync(installed)) return relativePath(folder, installed);
    const own = path.join(parent, inPackage);
    if (parent === path.resolve(packageFolder) && existsSync(own)) return relativePath(folder, own);
  }
  return undefined;
}

function foldersFrom(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersFrom(parent)];
}

/** As it is written in a YAML file, on every system. */
function relativePath(folder: string, file: string): string {
  return path.relative(path.resolve(folder), file).replaceAll(path.sep, "/");
}
