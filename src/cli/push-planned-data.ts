import { exitCodes } from "../contract/exit-codes.ts";
import { formatDatasetProblem } from "../dataset/dataset-problem.ts";
import { pushDataset, type PushedDataset, type PushOptions } from "../orchestrate/cloud/push-dataset.ts";
import type { LoadedPlan } from "../orchestrate/load-plan.ts";
import type { Store } from "../record/store.ts";
import { CliError } from "./cli-error.ts";

/**
 * Uploads the data sets of a plan that are not in the store yet.
 * @throws CliError if one is not here any more
 */
export async function pushPlannedData(
  store: Store,
  { plan, dataRoot }: Pick<LoadedPlan, "plan" | "dataRoot">,
  say: (line: string) => void,
  options: Omit<PushOptions, "root"> = {},
): Promise<PushedDataset[]> {
  const specs = new Map(plan.data.map(({ spec, dataset }) => [dataset.sha256, spec.dataset]));
  const pushed: PushedDataset[] = [];
  for (const spec of specs.values()) {
    const outcome = await pushDataset(store, spec, { root: dataRoot, ...options });
    if ("problems" in outcome)
      throw new CliError(exitCodes.invalidInput, outcome.problems.map(formatDatasetProblem).join("\n"));
    pushed.push(outcome);
    if (outcome.outcome === "uploaded") say(describePushed(outcome));
  }
  return pushed;
}

/** What became of a data set, in one line. */
export function describePushed({ name, sha256, outcome, files, bytes }: PushedDataset): string {
  const what = `the data set ${name} (${sha256.slice(0, 12)}…)`;
  if (outcome === "bundled") return `${what} comes with nightsweep: nothing to upload`;
  const size = `${files} files, ${(bytes / 1e6).toFixed(1)} MB`;
  return outcome === "there" ? `${what} is there already: ${size}` : `uploaded ${what}: ${size}`;
}
