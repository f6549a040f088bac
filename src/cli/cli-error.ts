import type { ExitCode } from "../contract/exit-codes.ts";

/** An expected failure of a command: a message for the person, and the exit code. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}
