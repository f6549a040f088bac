import { exitCodes } from "../contract/exit-codes.ts";
import type { ControlChange } from "../record/run-control.ts";
import { CliError } from "./cli-error.ts";
import { findTarget } from "./find-target.ts";
import type { OutputFormat } from "./output.ts";
import { openStoreAt } from "./store-option.ts";

/** Which run is meant, and how the answer is printed. */
export interface TargetOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** What is asked of those who run a run's trials now, and what is said about it. */
export interface Request {
  readonly change: ControlChange;
  /** What was asked, e.g. `set-workers 2`. */
  readonly name: string;
  /** If those who run it obey. */
  readonly obeyed: string;
  /** The flag of `nightsweep run` that says the same when nobody runs it. */
  readonly flag: string;
}

/** Asks something that holds only for those who run the run now. @throws CliError if nobody does */
export async function askRunning(target: string, options: TargetOptions, request: Request): Promise<void> {
  const store = await openStoreAt(options.store);
  const { run } = await findTarget(store, { target, run: options.run });
  const { askOfRun, openSessions, printAsked } = await import("./control-run.ts");
  if ((await openSessions(store, run)).length === 0) {
    const fix = `start it with \`nightsweep run ${request.flag}\``;
    throw new CliError(exitCodes.missingInput, `nobody runs ${run.experiment} run ${run.runId} now\n  fix: ${fix}`);
  }
  const asked = await askOfRun(store, run, request.change);
  const text = {
    request: request.name,
    obeyed: request.obeyed,
    unheard: "it has ended meanwhile: nothing was changed",
  };
  await printAsked(run, asked, text, options.output);
}
