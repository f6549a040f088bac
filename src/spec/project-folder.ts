import { access } from "node:fs/promises";
import path from "node:path";

/**
 * The folder that files must be in to be extended: the nearest one with `.git` or `package.json` at or above a folder,
 * or the folder itself if there is none.
 * @param folder absolute path
 */
export async function findProjectFolder(folder: string): Promise<string> {
  for (let current = folder; ; current = path.dirname(current)) {
    for (const mark of [".git", "package.json"]) if (await exists(path.join(current, mark))) return current;
    if (path.dirname(current) === current) return folder;
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
