import path from "node:path";
import { FileStore } from "./file-store.ts";
import { isS3Location, parseS3Location } from "./s3-location.ts";
import { S3Store } from "./s3-store.ts";
import type { Store } from "./store.ts";
import { StoreError } from "./store-error.ts";

const fix = "give the path of a folder, or s3://bucket/prefix";

/**
 * The store at a location. Nothing is read or written before the first use.
 * @param location path of a folder, which need not exist yet, or `s3://bucket/prefix`
 * @param variables the process environment, which may name endpoint and region of S3
 * @throws StoreError if the location is empty, wrong, or of a kind that this version can't use
 */
export function openStore(
  location: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Store {
  if (location.trim() === "") throw new StoreError("", { problem: "the store's location is empty", fix });
  if (isS3Location(location)) return new S3Store(parseS3Location(location, variables));
  const scheme = schemeOf(location);
  if (scheme !== undefined) {
    throw new StoreError("", { problem: `can't use the store ${location}: unknown kind "${scheme}"`, fix });
  }
  return new FileStore(location);
}

/** The location that means the same store in a process with another working directory. */
export function absoluteLocation(location: string): string {
  return schemeOf(location) === undefined ? path.resolve(location) : location;
}

/** Where people find an object of a store: an absolute path, or the object's address in a bucket. */
export function locateObject(location: string, key: string): string {
  if (!isS3Location(location)) return path.join(path.resolve(location), key);
  const { bucket, prefix } = parseS3Location(location, {});
  return `s3://${bucket}/${prefix}${key}`;
}

function schemeOf(location: string): string | undefined {
  return /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(location)?.[1];
}
