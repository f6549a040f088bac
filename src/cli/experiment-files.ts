import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { globFolder, isGlob, matchGlob } from "./glob.ts";

/** A file that a command is to look at. */
export interface ExperimentFile {
  readonly file: string;
  /** Whether it was given by its name, not found in a folder or by a pattern. */
  readonly isNamed: boolean;
}

const yamlName = /\.ya?ml$/i;

/**
 * The experiment files that are meant by paths, folders (with all folders in them) and patterns, each once, sorted
 * within each argument. Folders whose names start with a dot and `node_modules` are passed over.
 * @returns the files, and the arguments that no file was found for; a path that is not there counts as a file
 */
export async function findExperimentFiles(
  given: readonly string[],
): Promise<{ readonly files: readonly ExperimentFile[]; readonly empty: readonly string[] }> {
  const files = new Map<string, ExperimentFile>();
  const empty: string[] = [];
  for (const argument of given) {
    const found = await filesOf(argument);
    if (found.length === 0) empty.push(argument);
    for (const one of found) if (!files.has(path.resolve(one.file))) files.set(path.resolve(one.file), one);
  }
  return { files: [...files.values()], empty };
}

async function filesOf(argument: string): Promise<readonly ExperimentFile[]> {
  const kind = await kindOf(argument);
  if (kind === "folder") return (await walk(argument)).map((file) => ({ file, isNamed: false }));
  if (kind === "file" || !isGlob(argument)) return [{ file: argument, isNamed: true }];
  const isMatch = matchGlob(argument);
  const candidates = await walk(globFolder(argument));
  return candidates.filter(isMatch).map((file) => ({ file, isNamed: false }));
}

async function kindOf(file: string): Promise<"file" | "folder" | undefined> {
  const status = await stat(file).catch(() => undefined);
  if (status === undefined) return undefined;
  return status.isDirectory() ? "folder" : "file";
}

/** All YAML files in a folder and the folders in it. Links to folders are not followed: they could lead in circles. */
async function walk(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith(".") && entry.name !== "node_modules") found.push(...(await walk(place)));
    } else if (yamlName.test(entry.name)) found.push(place);
  }
  return found;
}
