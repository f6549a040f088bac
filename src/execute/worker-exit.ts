import { exitCodes } from "../contract/exit-codes.ts";
import type { FailureKind } from "../contract/worker-messages.ts";
import type { AttemptEnd } from "./slot-pool.ts";

/** How a worker process ended. */
export interface WorkerExit {
  /** Exit code; null if a signal ended it, or it never began. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What went wrong with the process itself, e.g. that it could not be started. */
  readonly problem?: string;
}

/** Shells and container runtimes report the end by signal n as 128 + n. */
const signalOffset = 128;
const maxSignal = 64;

/**
 * What the end of a process means for the attempt that ran in it and had not ended itself.
 * @param lastLines the last that it wrote to stderr, for the reason
 */
export function classifyExit(exit: WorkerExit, lastLines: string): AttemptEnd {
  const { code, signal, problem } = exit;
  if (problem !== undefined) return failed("bug", `the worker process ended: ${problem}`, lastLines);
  if (signal !== null) return killed(signal, lastLines);
  switch (code) {
    case exitCodes.checkpointed:
      return { type: "checkpointed" };
    case exitCodes.usage:
    case exitCodes.invalidInput:
    case exitCodes.missingInput:
      return failed("user", `the trainer can't do this work (exit code ${code})`, lastLines);
    case exitCodes.infrastructure:
      return failed(
        "infrastructure",
        `the trainer could not use store, disk or network (exit code ${code})`,
        lastLines,
      );
    case exitCodes.outOfMemory:
      return failed("memory", `the trainer ran out of memory (exit code ${code})`, lastLines);
    case exitCodes.killed:
      return killed("SIGKILL", lastLines);
    case exitCodes.terminated:
      return killed("SIGTERM", lastLines);
    case exitCodes.done:
      return failed("bug", "the trainer left without having finished the trial (exit code 0)", lastLines);
    default:
      return code !== null && code > signalOffset && code <= signalOffset + maxSignal
        ? killed(`signal ${code - signalOffset}`, lastLines)
        : failed("bug", `the trainer crashed (exit code ${code})`, lastLines);
  }
}

function killed(signal: string, lastLines: string): AttemptEnd {
  const why = signal === "SIGKILL" ? ": out of memory, or somebody's kill -9" : "";
  return failed("killed", `the worker process was ended by ${signal}${why}`, lastLines);
}

function failed(kind: FailureKind, what: string, lastLines: string): AttemptEnd {
  const reason = lastLines === "" ? what : `${what}; its last lines:\n${lastLines}`;
  return { type: "failed", failure: { kind, reason } };
}
