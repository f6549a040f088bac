import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import type { Plan } from "../plan/plan.ts";
import { loadJson } from "./json-object.ts";
import { RecordError } from "./record-error.ts";
import { environmentSchema } from "./record-schemas.ts";
import { loadSeal, type RunSeal, type SealedTrial } from "./run-seal.ts";
import type { Store } from "./store.ts";
import type { VerificationProblem } from "./verification-problem.ts";

/** Why an object is not the one that its run was sealed with. */
export const unsealed = "its SHA-256 is not the one that the run was sealed with";

/** Reads each seal once, also those of other runs that trials were taken over from. */
export class SealReader {
  private readonly read = new Map<string, Promise<RunSeal | undefined>>();

  constructor(private readonly store: Store) {}

  /** What the seal of its run says of a trial. @param trialKey key of the record's folder */
  async sealOf(trialKey: string, trialId: string): Promise<SealedTrial | undefined> {
    const seal = await this.load(trialKey.slice(0, -`/trials/${trialId}`.length)).catch(ignoreChangedSeal);
    return seal?.trials.get(trialId);
  }

  /** The seal of a run. @throws RecordError if it was changed */
  load(run: string): Promise<RunSeal | undefined> {
    const seal = this.read.get(run) ?? loadSeal(this.store, run);
    this.read.set(run, seal);
    return seal;
  }
}

/** What is wrong with a run besides its plan's trials: its seal, what was sealed, and records of no trial. */
export async function findRunProblems(
  store: Store,
  run: string,
  { plan, seals }: { readonly plan: Plan; readonly seals: SealReader },
): Promise<VerificationProblem[]> {
  const planned = new Set<string>(plan.trials.map(({ id }) => id));
  const strays = (await store.listFolders(`${run}/trials/`)).filter((id) => !planned.has(id));
  return [
    ...(await findChangedSeal(store, run, { planned, seals })),
    ...strays.map((id) => ({ key: objectKeys.trial(run, id), problem: "is no trial of the run's plan" })),
  ];
}

async function findChangedSeal(
  store: Store,
  run: string,
  { planned, seals }: { readonly planned: ReadonlySet<string>; readonly seals: SealReader },
): Promise<VerificationProblem[]> {
  try {
    const seal = await seals.load(run);
    if (seal === undefined) return [];
    const sealed = [[objectKeys.plan(run), seal.plan] as const, [objectKeys.source(run), seal.run] as const];
    const hashes = await Promise.all(sealed.map(([key]) => store.sha256(key)));
    const changed = sealed.filter(([, sha256], index) => sha256 !== undefined && sha256 !== hashes[index]);
    const unplanned = [...seal.trials.keys()].filter((id) => !planned.has(id));
    return [
      ...changed.map(([key]) => ({ key, problem: `was changed: ${unsealed}` })),
      ...unplanned.map((id) => ({
        key: objectKeys.trial(run, id),
        problem: "was sealed with the run, but the plan has no such trial any more",
      })),
    ];
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return [{ key: objectKeys.seal(run), problem: error.problem }];
  }
}

/**
 * Finds the files about a trial's circumstances that were changed: `environment.json` by the run's seal, and `trial.json`
 * and `timings.jsonl` by `environment.json`.
 */
export async function findChangedCircumstances(
  store: Store,
  trialKey: string,
  seal: SealedTrial | undefined,
): Promise<VerificationProblem[]> {
  const key = `${trialKey}/${trialFiles.environment}`;
  const found = await store.sha256(key);
  if (seal?.environment !== undefined && found !== seal.environment) {
    const problem = found === undefined ? "is missing, though the run was sealed with it" : `was changed: ${unsealed}`;
    return [{ key, problem }];
  }
  const problems: VerificationProblem[] = [];
  const environment = await loadJson(store, key, environmentSchema);
  for (const [name, sha256] of Object.entries(environment?.files ?? {})) {
    const hash = await store.sha256(`${trialKey}/${name}`);
    if (hash === sha256) continue;
    const problem = hash === undefined ? "is missing" : "was changed: its SHA-256 is not the one in environment.json";
    problems.push({ key: `${trialKey}/${name}`, problem });
  }
  return problems;
}

/** It is named once, as a problem of the run. */
function ignoreChangedSeal(error: unknown): undefined {
  if (error instanceof RecordError) return undefined;
  throw error;
}
