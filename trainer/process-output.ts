import type { Writable } from "node:stream";

/** Whoever reads our output may be gone; a checkpoint is worth more than a line of log. */
export function outliveReaders(): void {
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
}

/** Writes a line to a stream. @returns a promise that it has been handed to the system, or can't be */
export function writeLine(stream: Writable, line: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(`${line}\n`, () => resolve());
  });
}
