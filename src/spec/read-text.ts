import { readFile, stat } from "node:fs/promises";
import type { ExperimentIssue } from "./issue.ts";
import { maxFileBytes } from "./read-yaml.ts";

/**
 * Reads a file as UTF-8 text; a byte-order mark is dropped.
 * @param path the file; shown in messages as it is given
 * @returns an issue if it can't be read
 */
export async function readText(path: string): Promise<string | ExperimentIssue> {
  const issue = (code: string, message: string, fix: string): ExperimentIssue => ({
    code,
    path: [],
    message,
    fix,
    position: { file: path, line: 1, column: 1 },
  });
  try {
    const status = await stat(path);
    if (status.isDirectory()) return issue("not-a-file", "this is a folder, expected a YAML file", "name a file in it");
    if (!status.isFile()) return issue("not-a-file", "this is not a file, expected a YAML file", "name a file");
    if (status.size > maxFileBytes)
      return issue(
        "file-too-large",
        `got ${describeSize(status.size)}, expected at most 1 MiB`,
        "check that this is the right file",
      );
    return decode(await readFile(path)) ?? issue("not-utf8", "the file is not UTF-8 text", "save it as UTF-8");
  } catch (error) {
    if (isFileError(error, "ENOENT") || isFileError(error, "ENOTDIR"))
      return issue("missing-file", "there is no such file", "check the path; `nightsweep init` writes a starter");
    if (isFileError(error, "EACCES"))
      return issue("unreadable-file", "the file may not be read", "check its permissions");
    throw error;
  }
}

/** @returns undefined if the bytes are not UTF-8; a byte-order mark is dropped */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function describeSize(bytes: number): string {
  return `a file of ${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
