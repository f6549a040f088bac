import type { StopReason } from "../record/run-sessions.ts";
import { duration } from "../report/number-formats.ts";
import { failureAdvice } from "./failure-advice.ts";

/** Why one of its rules stopped a run, in one line. */
export function describeStop(reason: StopReason): string {
  switch (reason.rule) {
    case "maxFailures":
      return reason.limit === 1
        ? "a trial failed, and the run stops at the first one that does"
        : `${reason.failures} trials failed, as many as run.maxFailures allows`;
    case "identicalFailures":
      return `${reason.failures} trials in a row failed in the same way (${failureAdvice[reason.failure.kind].name}): ${reason.failure.reason}`;
    case "infrastructure":
      return `${reason.tries} tries in a row failed because of store, disk or network: ${reason.failure.reason}`;
    case "runTimeLimit":
      return `the time limit of ${duration(reason.limitSeconds)} (run.runTimeLimit) is reached`;
    case "budgetHours":
      return `the budget of ${reason.limit} h computing time (run.budget.hours) is used up: ${reason.hours.toFixed(2)} h`;
    case "budgetUsd":
      return `the budget of ${reason.limit} USD (run.budget.usd) is used up: ${reason.usd.toFixed(2)} USD`;
    case "cancelled":
      return "it was cancelled";
    default:
      throw new Error(`unknown rule ${JSON.stringify(reason satisfies never)}`);
  }
}

/** What to do after a rule has stopped a run, in one line. */
export function adviseAfterStop(reason: StopReason): string {
  switch (reason.rule) {
    case "maxFailures":
      return "`nightsweep status` shows what failed and why; --keep-going runs the others all the same";
    case "identicalFailures":
      return `${failureAdvice[reason.failure.kind].advice}; --keep-going runs the others all the same`;
    case "infrastructure":
      return failureAdvice.infrastructure.advice;
    case "runTimeLimit":
      return "run the same command again to go on from the checkpoints";
    case "budgetHours":
      return "raise run.budget.hours (or --set run.budget.hours=…) and run again to go on from the checkpoints";
    case "budgetUsd":
      return "raise run.budget.usd (or --set run.budget.usd=…) and run again to go on from the checkpoints";
    case "cancelled":
      return "to go on from the checkpoints after all, run it again with --resume";
    default:
      throw new Error(`unknown rule ${JSON.stringify(reason satisfies never)}`);
  }
}

/** What is said at the end of a run that a rule stopped. @param counts how many trials are finished */
export function stopLines(reason: StopReason, counts: string): string[] {
  return [`Stopped with ${counts}: ${describeStop(reason)}`, `  fix: ${adviseAfterStop(reason)}`];
}
