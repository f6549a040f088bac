import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { exitCodes } from "../contract/exit-codes.ts";
import { checkPriceFile, checkSpeedFile, type CheckedFile } from "../plan/outlook/check-file.ts";
import { planWorkers } from "../orchestrate/plan-workers.ts";
import type { PlannedEngine } from "../plan/check-configuration.ts";
import type { PriceFile } from "../plan/outlook/price-file.ts";
import type { SpeedFile } from "../plan/outlook/speed-file.ts";
import { planOutlook, type Outlook } from "../plan/outlook/outlook.ts";
import type { Plan } from "../plan/plan.ts";
import { RecordError } from "../record/record-error.ts";
import { listRuns, loadPlan } from "../record/run-store.ts";
import type { Store } from "../record/store.ts";
import { objectKeys } from "../contract/object-keys.ts";
import { CliError } from "./cli-error.ts";

/** Files that a person may put in the place of those that come with nightsweep. */
export interface OutlookFiles {
  readonly speeds?: string | undefined;
  readonly prices?: string | undefined;
}

/** The newest run of an experiment. */
export interface PreviousRun {
  readonly runId: string;
  readonly plan: Plan;
}

/** Engine whose speed stands for this machine: nobody has measured the native one's for the speed file. */
export const localEngine = "wasm";

/**
 * What a run of a plan takes, with the speeds and prices that come with nightsweep or the person's own.
 * @param options.finished ids of trials that are finished
 * @param options.engine what trials run on here
 * @throws CliError if a file of speeds or prices can't be read
 */
export async function loadOutlook(
  plan: Plan,
  options: {
    readonly store: Store;
    readonly finished: ReadonlySet<string>;
    readonly files: OutlookFiles;
    readonly previous?: PreviousRun;
    readonly engine: PlannedEngine;
  },
): Promise<Outlook> {
  const { store, finished, files, engine } = options;
  const trials = plan.trials.filter(({ id }) => !finished.has(id)).length;
  const { choice } = await planWorkers(plan, { engine, asked: plan.resources.workers, trials });
  return planOutlook(plan, {
    speeds: await loadSpeeds(files),
    prices: await loadPrices(files),
    speedOf: localEngine,
    engine,
    workers: choice,
    finished,
    previous: options.previous ?? (await loadPrevious(store, plan.experiment)),
  });
}

/** The speeds that come with nightsweep, or the person's own. @throws CliError if the file can't be read */
export function loadSpeeds({ speeds }: OutlookFiles): Promise<SpeedFile> {
  return readChecked(speeds ?? shipped("measured-speeds.json"), checkSpeedFile);
}

/** The prices that come with nightsweep, or the person's own. @throws CliError if the file can't be read */
export function loadPrices({ prices }: OutlookFiles): Promise<PriceFile> {
  return readChecked(prices ?? shipped("instance-prices.json"), checkPriceFile);
}

/** A file that the build puts next to this one. */
function shipped(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function readChecked<Content>(file: string, check: (value: unknown) => CheckedFile<Content>): Promise<Content> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) throw new CliError(exitCodes.missingInput, `there is no file ${file}`);
  const checked = check(parseJson(file, text));
  if ("content" in checked) return checked.content;
  const fix = `fix: copy the one that comes with nightsweep (${shipped("")}) and change its numbers`;
  const lines = [`${file} can't be used:`, ...checked.problems, fix];
  throw new CliError(exitCodes.invalidInput, lines.join("\n  "));
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.invalidInput, `${file} is no valid JSON: ${reason}`);
  }
}

/** The plan of the newest run; a run of another version of nightsweep can't be compared with. */
export async function loadPrevious(store: Store, experiment: string): Promise<PreviousRun | undefined> {
  const newest = (await listRuns(store, experiment)).findLast(({ confirms }) => confirms === undefined);
  if (newest === undefined) return undefined;
  try {
    return {
      runId: newest.runId,
      plan: await loadPlan(store, objectKeys.plan(objectKeys.run(experiment, newest.runId))),
    };
  } catch (error) {
    if (error instanceof RecordError) return undefined;
    throw error;
  }
}
