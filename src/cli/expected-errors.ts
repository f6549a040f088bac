import { exitCodes } from "../contract/exit-codes.ts";
import { CliError } from "./cli-error.ts";

/**
 * Runs a command's action and turns the failures that records, stores and selections are known for into messages with
 * an exit code. Everything else is a bug and passes through.
 */
export async function asCliError(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw await explain(error);
  }
}

async function explain(error: unknown): Promise<unknown> {
  const { ComparisonError } = await import("../compare/comparison-error.ts");
  const { RecordError } = await import("../record/record-error.ts");
  const { StoreError } = await import("../record/store-error.ts");
  if (error instanceof ComparisonError)
    return new CliError(exitCodes.missingInput, `${error.message}\n  fix: ${error.fix}`);
  const { RunCancelledError } = await import("../orchestrate/take-up-run.ts");
  if (error instanceof RunCancelledError) {
    const fix = "run it again with --resume to go on from the checkpoints, or change the experiment: that is a new run";
    return new CliError(exitCodes.cancelled, `${error.message}\n  fix: ${fix}`);
  }
  if (error instanceof RecordError) return new CliError(exitCodes.invalidInput, error.message);
  if (error instanceof StoreError) return new CliError(exitCodes.infrastructure, error.message);
  return error;
}
