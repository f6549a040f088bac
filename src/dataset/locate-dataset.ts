import { resolve } from "node:path";
import type { Data } from "../spec/schema/data.ts";
import { type DataEnvironment, findNamedFolder } from "./open-named.ts";

/**
 * Absolute path of the folder that a data set's files lie in.
 * @param spec the `data.dataset` section of an experiment
 * @param root absolute path that relative folders start from
 * @throws RangeError if there is none; `loadManifest` tells people why
 */
export async function locateDataset(
  spec: Data["dataset"],
  root: string,
  environment: DataEnvironment = process.env,
): Promise<string> {
  if (typeof spec === "object") return resolve(root, spec.folder);
  const folder = await findNamedFolder(spec, environment);
  if ("problems" in folder) throw new RangeError(`${spec} is not on this machine`);
  return folder.value;
}
