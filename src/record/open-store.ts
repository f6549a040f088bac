import { FileStore } from "./file-store.ts";
import type { Store } from "./store.ts";
import { StoreError } from "./store-error.ts";

/**
 * The store at a location.
 * @param location path of a folder, which need not exist yet
 * @throws StoreError if the location is empty or of a kind that this version can't use
 */
export function openStore(location: string): Store {
  if (location.trim() === "") {
    throw new StoreError("", { problem: "the store's location is empty", fix: "give the path of a folder" });
  }
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(location)?.[1];
  if (scheme !== undefined) {
    const what = scheme === "s3" ? "stores in S3 are not supported yet by this version" : `unknown kind "${scheme}"`;
    throw new StoreError("", { problem: `can't use the store ${location}: ${what}`, fix: "give the path of a folder" });
  }
  return new FileStore(location);
}
