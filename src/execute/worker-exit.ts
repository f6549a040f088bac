import { exitCodes } from "../contract/exit-codes.ts";
import { type FailureKind, memoryAdvice, type MemoryUse } from "../contract/worker-messages.ts";
import type { AttemptEnd } from "./slot-pool.ts";

/** How a worker process ended. */
export interface WorkerExit {
  /** Exit code; null if a signal ended it, or it never began. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What went wrong with the process itself, e.g. that it could not be started. */
  readonly problem?: string;
  /** Whether V8 said that the JavaScript heap is full. */
  readonly isHeapFull?: boolean;
  /** The limit of memory that it was ended for; absent = it was not. */
  readonly exceededBytes?: number | undefined;
  /** The last that it said about its memory. */
  readonly memory?: MemoryUse | undefined;
}

/** Shells and container runtimes report the end by signal n as 128 + n. */
const signalOffset = 128;
const maxSignal = 64;
/** With less of the machine's memory left, its lack is a likely cause of a SIGKILL. */
const scarceShare = 0.1;

/**
 * What the end of a process means for the attempt that ran in it and had not ended itself.
 * @param lastLines the last that it wrote to stderr, for the reason
 */
export function classifyExit(exit: WorkerExit, lastLines: string): AttemptEnd {
  const { code, signal, problem } = exit;
  if (problem !== undefined) return failed("bug", `the worker process ended: ${problem}`, lastLines);
  // The last lines are V8's own stack then.
  if (exit.isHeapFull === true) return failed("memory", heapEnded, "");
  if (exit.exceededBytes !== undefined) return failed("memory", limitReached(exit.exceededBytes, exit.memory), "");
  if (signal !== null) return killed(signal, exit, lastLines);
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
      return failed("memory", `the trial did not fit into memory (exit code ${code}). ${memoryAdvice}`, lastLines);
    case exitCodes.killed:
      return killed("SIGKILL", exit, lastLines);
    case exitCodes.terminated:
      return killed("SIGTERM", exit, lastLines);
    case exitCodes.done:
      return failed("bug", "the trainer left without having finished the trial (exit code 0)", lastLines);
    default:
      return code !== null && code > signalOffset && code <= signalOffset + maxSignal
        ? killed(`signal ${code - signalOffset}`, exit, lastLines)
        : failed("bug", `the trainer crashed (exit code ${code})`, lastLines);
  }
}

const heapEnded =
  "the JavaScript heap of the worker process ended (not the engine's memory). Use fewer or smaller test batches and " +
  "data sets, or give more with NODE_OPTIONS=--max-old-space-size=8192 (MiB)";

function limitReached(limitBytes: number, memory: MemoryUse | undefined): string {
  const held = memory === undefined ? "" : `: it held ${toGibibytes(memory.rssBytes)}`;
  return `the worker process was ended at its limit of ${toGibibytes(limitBytes)}, resources.memoryMebibytes${held}. ${memoryAdvice}`;
}

function killed(signal: string, exit: WorkerExit, lastLines: string): AttemptEnd {
  const why = signal === "SIGKILL" ? `: ${whyKilled(exit.memory)}` : "";
  return failed("killed", `the worker process was ended by ${signal}${why}`, lastLines);
}

/** The system's own killer leaves no word: how much memory there was tells how likely it is. */
function whyKilled(memory: MemoryUse | undefined): string {
  if (memory === undefined) return "out of memory, or somebody's kill -9";
  const { rssBytes, availableBytes, totalBytes } = memory;
  const held = `it held ${toGibibytes(rssBytes)}, and ${toGibibytes(availableBytes)} of ${toGibibytes(totalBytes)} were free`;
  const isScarce = availableBytes < scarceShare * totalBytes || rssBytes > (1 - scarceShare) * totalBytes;
  return isScarce
    ? `very likely out of memory, as ${held}. ${memoryAdvice}`
    : `somebody's kill -9, or a limit of memory; ${held}`;
}

function toGibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

function failed(kind: FailureKind, what: string, lastLines: string): AttemptEnd {
  const reason = lastLines === "" ? what : `${what}; its last lines:\n${lastLines}`;
  return { type: "failed", failure: { kind, reason } };
}
