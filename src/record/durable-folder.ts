import { mkdir, open, stat } from "node:fs/promises";
import path from "node:path";
import { hasCode } from "./file-error.ts";

/** Makes a folder and those above it, as far as they are missing, so that they survive a power cut. */
export async function makeFolderDurably(folder: string): Promise<void> {
  const firstNew = await makeFolders(folder);
  if (firstNew === undefined) return;
  for (let current = folder; current !== path.dirname(firstNew); current = path.dirname(current)) {
    await syncFolder(path.dirname(current));
  }
}

/** @returns the topmost folder that was made, if any was */
async function makeFolders(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (error) {
    if (!hasCode(error, ["ENOENT"])) throw error;
    // Node.js says so of a read-only file system as well: making the topmost one alone tells the truth.
    const topmost = await findMissing(folder);
    await mkdir(topmost).catch((reason: unknown) => {
      // Others make and delete the same folders meanwhile: then it is as it was said at first.
      throw hasCode(reason, ["EEXIST", "ENOENT"]) ? error : reason;
    });
    await mkdir(folder, { recursive: true });
    return topmost;
  }
}

/** The topmost missing one of a folder and those above it. */
async function findMissing(folder: string): Promise<string> {
  const parent = path.dirname(folder);
  const isThere = parent === folder || (await stat(parent).catch(() => undefined)) !== undefined;
  return isThere ? folder : findMissing(parent);
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
