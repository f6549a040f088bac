import { existsSync } from "node:fs";
import { exitCodes } from "../contract/exit-codes.ts";
import type { RunDocument } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { CliError } from "./cli-error.ts";

/** The run a person means. */
export interface RunReference {
  /** An experiment's name, or the path of its YAML file. */
  readonly target: string;
  /** A run's id or the beginning of it; absent = the newest run. */
  readonly run?: string | undefined;
}

/**
 * Finds a run in a store.
 * @throws CliError `missingInput` that says what there is instead
 */
export async function findRun(store: Store, { target, run }: RunReference): Promise<RunDocument> {
  const experiment = await experimentOf(target);
  const { listExperiments, listRuns } = await import("../record/run-store.ts");
  const runs = await listRuns(store, experiment);
  // A run that only confirms another is looked at by its id.
  const found = run === undefined ? runs.findLast(({ confirms }) => confirms === undefined) : onlyMatch(runs, run);
  if (found !== undefined) return found;
  if (runs.length > 0) {
    throw notFound(`${experiment} has no run "${run}"`, `its runs are ${runs.map(({ runId }) => runId).join(", ")}`);
  }
  const others = await listExperiments(store);
  throw notFound(
    `there is no run of ${experiment} in ${store.location}`,
    others.length === 0
      ? "start one with `nightsweep run <file>`, or name another store with --store"
      : `experiments with runs are ${others.join(", ")}`,
  );
}

async function experimentOf(target: string): Promise<string> {
  const isFile = /\.ya?ml$/i.test(target);
  if (!isFile) return target;
  if (!existsSync(target))
    throw notFound(`there is no file ${target}`, "check the path, or give the experiment's name");
  const { loadExperiment } = await import("../spec/load-experiment.ts");
  const loaded = await loadExperiment(target);
  if ("experiment" in loaded) return loaded.experiment.spec.name;
  const { renderIssues } = await import("./issues.ts");
  throw new CliError(exitCodes.invalidInput, await renderIssues(target, loaded.issues));
}

function onlyMatch(runs: readonly RunDocument[], prefix: string): RunDocument | undefined {
  const matches = runs.filter(({ runId }) => runId.startsWith(prefix));
  if (matches.length > 1) {
    throw new CliError(
      exitCodes.usage,
      `"${prefix}" fits several runs: ${matches.map(({ runId }) => runId).join(", ")}`,
    );
  }
  return matches[0];
}

function notFound(problem: string, hint: string): CliError {
  return new CliError(exitCodes.missingInput, `${problem}; ${hint}`);
}
