import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/** A file that an export wrote. */
export interface WrittenFile {
  readonly file: string;
  readonly bytes: number;
  /** Rows of a table, lines of a log: whatever the file is a list of. */
  readonly rows: number;
}

/** What goes into a file, in order. */
export interface FilePart {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

/**
 * Writes a file part after part, aside and then renamed: who reads it sees it whole or not at all, and what was there
 * before stays if the parts can't all be had.
 */
export async function writeParts(
  file: string,
  parts: AsyncIterable<FilePart> | Iterable<FilePart>,
): Promise<WrittenFile> {
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  const aside = `${file}.${process.pid}.part`;
  const handle = await open(aside, "w");
  let bytes = 0;
  let rows = 0;
  try {
    for await (const part of parts) {
      await handle.write(part.bytes);
      bytes += part.bytes.length;
      rows += part.rows;
    }
    await handle.close();
    await rename(aside, file);
  } catch (error) {
    await handle.close();
    await rm(aside, { force: true });
    throw error;
  }
  return { file, bytes, rows };
}
