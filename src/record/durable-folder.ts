import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import { hasCode } from "./file-error.ts";

/** Makes a folder and those above it, as far as they are missing, so that they survive a power cut. */
export async function makeFolderDurably(folder: string): Promise<void> {
  const firstNew = await mkdir(folder, { recursive: true });
  if (firstNew === undefined) return;
  for (let current = folder; current !== path.dirname(firstNew); current = path.dirname(current)) {
    await syncFolder(path.dirname(current));
  }
}

/** Makes the entries of a folder durable, where the file system can. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Not every file system can sync a folder; a folder that is gone again has nothing to keep.
    if (!hasCode(error, ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EPERM", "EACCES", "EISDIR", "ENOENT"])) throw error;
  }
}
