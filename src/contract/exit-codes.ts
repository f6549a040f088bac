/**
 * Exit codes of the command line and of the trainer; the same number means the same thing in both.
 * 64–66, 70 and 75 are those of BSD `sysexits.h`; 130, 137 and 143 are the shell's 128 + signal.
 */
export const exitCodes = {
  /** Everything asked for was done. */
  done: 0,
  /** The run ended, and at least one trial failed for good. */
  trialsFailed: 1,
  /** Wrong command line: unknown command, flag or value. Never retried. */
  usage: 64,
  /** The experiment or the data is wrong: the message says where and how to fix it. Never retried. */
  invalidInput: 65,
  /** A file, run, trial or data set that was named isn't there. Never retried. */
  missingInput: 66,
  /** A bug in nightsweep. */
  bug: 70,
  /** A trial did not fit into memory. Tried once more at most. */
  outOfMemory: 71,
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
