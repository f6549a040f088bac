import type { EvaluateOnExit } from "@aws-sdk/client-batch";

/** How an attempt at a job ended. */
export interface AttemptEnd {
  /** Absent if the container never ended by itself. */
  readonly exitCode?: number;
  /** What Batch says, e.g. `Host EC2 (instance i-…) terminated.` */
  readonly statusReason: string;
  /** What the container service says, e.g. `OutOfMemoryError: Container killed due to memory usage`. */
  readonly reason?: string;
}

/**
 * What AWS Batch does after an attempt that failed: the first rule whose every condition holds says so. No rule that
 * holds means another attempt, which is why rules should end with one that matches all.
 * @see https://docs.aws.amazon.com/batch/latest/APIReference/API_EvaluateOnExit.html
 */
export function evaluateOnExit(rules: readonly EvaluateOnExit[], end: AttemptEnd): "RETRY" | "EXIT" {
  const rule = rules.find((each) => holds(each, end));
  return rule?.action?.toUpperCase() === "EXIT" ? "EXIT" : "RETRY";
}

function holds({ onExitCode, onReason, onStatusReason }: EvaluateOnExit, end: AttemptEnd): boolean {
  const conditions: readonly (readonly [string | undefined, string | undefined])[] = [
    [onExitCode, end.exitCode === undefined ? undefined : String(end.exitCode)],
    [onReason, end.reason],
    [onStatusReason, end.statusReason],
  ];
  return conditions.every(([pattern, text]) => pattern === undefined || matches(pattern, text));
}

/** `*` may stand at the end only, for any further characters; upper and lower case are the same. */
function matches(pattern: string, text = ""): boolean {
  const [wanted, given] = [pattern.toLowerCase(), text.toLowerCase()];
  return wanted.endsWith("*") ? given.startsWith(wanted.slice(0, -1)) : given === wanted;
}
