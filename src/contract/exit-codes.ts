import type { Failure } from "./worker-messages.ts";

/**
 * Exit codes of the command line and of the trainer; the same number means the same thing in both.
 * 64–66, 70, 71, 74 and 75 are those of BSD `sysexits.h`; 130, 137 and 143 are the shell's 128 + signal.
 */
export const exitCodes = {
  /** Everything asked for was done. */
  done: 0,
  /** The run ended, and at least one trial failed for good. */
  trialsFailed: 1,
  /** The run was stopped by one of its rules: failures, time or budget. What was not finished goes on in the next run. */
  stoppedByRule: 2,
  /** What was trained again came out differently (`nightsweep reproduce`). */
  differs: 3,
  /** The run was cancelled by `nightsweep cancel`, now or before; it goes on only with `--resume`. */
  cancelled: 4,
  /** A night is worse than those before it (`nightsweep check`). */
  regressed: 5,
  /** Wrong command line: unknown command, flag or value. Never retried. */
  usage: 64,
  /** The experiment or the data is wrong: the message says where and how to fix it. Never retried. */
  invalidInput: 65,
  /** A file, run, trial or data set that was named isn't there. Never retried. */
  missingInput: 66,
  /** A bug in nightsweep. */
  bug: 70,
  /** Out of memory: the engine's heap or the process' own is at its limit. */
  outOfMemory: 71,
  /** Store, disk or network could not be used; nothing that was written is lost. Run again when it is mended. */
  infrastructure: 74,
  /** Stopped at a checkpoint on request: run the same command again to go on. */
  checkpointed: 75,
  /** Stopped at once by a second Ctrl-C. */
  interrupted: 130,
  /** Killed (SIGKILL): out of memory, spot reclaim, or somebody's `kill -9`. */
  killed: 137,
  /** Terminated (SIGTERM) without time for a checkpoint. */
  terminated: 143,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code of a process whose only work failed; what would fail the same way again has a code that is never retried. */
export function exitCodeOfFailure({ kind }: Failure): ExitCode {
  switch (kind) {
    case "user":
    case "diverged":
      return exitCodes.invalidInput;
    case "memory":
      return exitCodes.outOfMemory;
    case "infrastructure":
      return exitCodes.infrastructure;
    case "killed":
    case "timeLimit":
    case "bug":
      return exitCodes.bug;
    default:
      throw new Error(`unknown kind of failure ${String(kind satisfies never)}`);
  }
}
