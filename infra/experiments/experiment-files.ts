import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/** Paths of all experiments of a project, `experiments/**\/*.yaml`, in the order of their names. */
export function listExperimentFiles(project: string): string[] {
  const folder = path.join(project, "experiments");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => path.join(folder, name))
    .sort();
}
