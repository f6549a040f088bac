import { decimalBytes, grouped } from "../report/number-formats.ts";
import type { CommandResult } from "./output.ts";

/** A file that a command wrote. */
export interface WrittenFile {
  readonly file: string;
  readonly bytes: number;
  /** Rows of a table. */
  readonly rows?: number;
}

/** Above this, people are told how many there are. */
const maxListed = 6;

/** What a command that writes files says. @param facts what scripts are told besides the files */
export function writtenFilesResult(
  files: readonly WrittenFile[],
  facts: Readonly<Record<string, unknown>> = {},
): CommandResult {
  const json = { schemaVersion: 1, ...facts, files };
  return {
    json,
    table: {
      columns: [
        { key: "file", label: "file", align: "left" },
        { key: "bytes", label: "bytes", align: "right", format: grouped },
        ...(files.some(({ rows }) => rows !== undefined)
          ? [{ key: "rows", label: "rows", align: "right", format: grouped } as const]
          : []),
      ],
      rows: files.map(({ file, bytes, rows }) => ({ file, bytes, rows: rows ?? null })),
    },
    human: () => listFiles(files),
  };
}

function listFiles(files: readonly WrittenFile[]): string {
  const lines = files.slice(0, maxListed).map(({ file, bytes, rows }) => {
    const count = rows === undefined ? "" : `, ${grouped(rows)} row${rows === 1 ? "" : "s"}`;
    return `${file} (${decimalBytes(bytes)}${count})`;
  });
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const rest = files.length - lines.length;
  return [...lines, ...(rest > 0 ? [`… ${files.length} files, ${decimalBytes(total)} in all`] : [])].join("\n");
}
