import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type Checked, refuse } from "./checked.ts";
import type { DataFile } from "./data-manifest.ts";

/** A folder and what is in it. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Names of its files and folders, sorted. */
  readonly names: readonly string[];
}

/** A file that a format needs. */
export interface ExpectedFile {
  readonly role: string;
  /** The names it may have, the usual one first; `.gz` may follow each. */
  readonly names: readonly [string, ...string[]];
  /** What to do if it is missing. */
  readonly fixMissing: string;
}

/** A file of a data set in memory. */
export interface FileContent {
  readonly description: DataFile;
  /** Absolute. */
  readonly path: string;
  /** Uncompressed. */
  readonly bytes: Uint8Array;
}

const missingFolderReasons: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "there is no such folder"],
  ["ENOTDIR", "this is not a folder"],
]);

/** Looks into a data set's folder. */
export async function listFolder(path: string): Promise<Checked<DataFolder>> {
  try {
    return { value: { path, names: (await readdir(path)).sort() } };
  } catch (error) {
    const message = missingFolderReasons.get(error instanceof Error && "code" in error ? error.code : undefined);
    if (message === undefined) return refuseUnreadable(path, error);
    const fix = "correct data.dataset.folder; a relative folder starts from the folder of the experiment file";
    return refuse({ code: "missing-folder", file: path, message, fix });
  }
}

/** Finds, reads, uncompresses and hashes one file of a data set. */
export async function readDataFile(folder: DataFolder, expected: ExpectedFile): Promise<Checked<FileContent>> {
  const found = findFile(folder, expected);
  if ("problems" in found) return found;

  const name = found.value;
  const path = join(folder.path, name);
  const stored = await readBytes(path);
  if ("problems" in stored) return stored;

  const uncompressed = name.endsWith(".gz") ? await uncompress(path, stored.value) : stored;
  if ("problems" in uncompressed) return uncompressed;

  const bytes = uncompressed.value;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { value: { description: { role: expected.role, name, bytes: bytes.length, sha256 }, path, bytes } };
}

/** The bytes of a file as they are stored. */
export async function readBytes(path: string): Promise<Checked<Uint8Array>> {
  try {
    return { value: asPlainArray(await readFile(path)) };
  } catch (error) {
    return refuseUnreadable(path, error);
  }
}

function findFile(folder: DataFolder, expected: ExpectedFile): Checked<string> {
  const found = expected.names.flatMap((name) => [name, `${name}.gz`]).filter((name) => folder.names.includes(name));
  const [first, second] = found;
  if (first === undefined) {
    const file = join(folder.path, expected.names[0]);
    const message = `there is no ${expected.names.join(" or ")}, plain or .gz; the folder holds ${summarise(folder.names)}`;
    return refuse({ code: "missing-file", file, message, fix: expected.fixMissing });
  }
  if (second === undefined) return { value: first };
  const message = `several files could be meant: ${found.join(", ")}`;
  return refuse({ code: "ambiguous-file", file: join(folder.path, first), message, fix: "keep one of them" });
}

function summarise(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  const shownCount = 8;
  const shown = names.slice(0, shownCount).join(", ");
  return names.length > shownCount ? `${shown} and ${names.length - shownCount} more` : shown;
}

async function uncompress(path: string, stored: Uint8Array): Promise<Checked<Uint8Array>> {
  if (stored[0] !== 0x1f || stored[1] !== 0x8b) {
    const message = "the name ends in .gz, but the content is not gzip";
    return refuse({ code: "corrupt-gzip", file: path, message, fix: "take .gz off its name, or get it again" });
  }
  try {
    return { value: asPlainArray(await promisify(gunzip)(stored)) };
  } catch (error) {
    const message = `the gzip data is damaged or cut off (${errorMessage(error)})`;
    return refuse({ code: "corrupt-gzip", file: path, message, fix: "get the file again" });
  }
}

// A Buffer must not leave this file: its slice() returns a view where every other array's returns a copy.
function asPlainArray(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function refuseUnreadable(path: string, error: unknown): ReturnType<typeof refuse> {
  const message = `it can't be read (${errorMessage(error)})`;
  const fix = "check its permissions, and that it is a file of at most 2 GiB";
  return refuse({ code: "unreadable", file: path, message, fix });
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
