import { statfs } from "node:fs/promises";
import path from "node:path";
import { hasCode } from "./file-error.ts";
import { absoluteLocation } from "./open-store.ts";

/**
 * How many bytes can still be written to a store.
 * @param location of the store; its folder need not exist yet
 * @returns undefined for a bucket, or where the file system doesn't say
 */
export async function freeBytesAt(location: string): Promise<number | undefined> {
  if (absoluteLocation(location) === location && !path.isAbsolute(location)) return undefined;
  for (let folder = path.resolve(location); ; folder = path.dirname(folder)) {
    try {
      const { bavail, bsize, blocks } = await statfs(folder);
      // Some file systems (of the network, of containers) say 0 of 0.
      return blocks === 0 ? undefined : bavail * bsize;
    } catch (error) {
      if (!hasCode(error, ["ENOENT", "ENOTDIR"]) || folder === path.dirname(folder)) return undefined;
    }
  }
}
