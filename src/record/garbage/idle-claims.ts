import { isTrialId } from "../../plan/trial-id.ts";
import type { TrialId } from "../../plan/plan.ts";
import { readClaim, type ReadClaim } from "../claims.ts";
import { mapConcurrently } from "../map-concurrently.ts";
import { isProcessDead } from "../process-space.ts";
import type { SizedObject, Store } from "../store.ts";
import type { Owners } from "./plan-garbage.ts";
import type { StoredRun } from "./survey-runs.ts";

/** A claim that says nothing any more. */
export interface IdleClaim extends SizedObject {
  /** As it was read: only that is removed. */
  readonly version: string;
}

/** What is known of a store when its claims are looked at. */
export interface ClaimFacts {
  /** All claims, listed before the runs were: so the runs that they belong to are among `runs`. */
  readonly listed: readonly SizedObject[];
  readonly runs: readonly StoredRun[];
  /** Runs that are removed, of `runs`. */
  readonly removedRuns: readonly StoredRun[];
  readonly owners: Owners;
}

/** All claims of a store. */
export function listClaims(store: Store): Promise<SizedObject[]> {
  return store.listSizes("claims/");
}

/**
 * The claims that nobody holds, of trials that are finished or that no remaining run has. A claim that may be held stays,
 * and so does one of a trial that is still to be trained: its token tells the next holder's checkpoints from earlier ones.
 * @param ofRuns only claims of trials of these runs; absent = of all
 * @throws RecordError if a claim can't be read
 */
export async function findIdleClaims(
  store: Store,
  facts: ClaimFacts,
  ofRuns?: ReadonlySet<StoredRun>,
): Promise<IdleClaim[]> {
  const unneeded = findUnneeded(facts, ofRuns);
  const claims = await mapConcurrently(unneeded, async (object) => {
    const claim = await readClaim(store, object.key);
    return claim !== undefined && isIdle(claim) ? [{ ...object, version: claim.version }] : [];
  });
  return claims.flat();
}

/** Removes claims, but for those that somebody has taken up since they were found. */
export async function removeIdleClaims(store: Store, claims: readonly IdleClaim[]): Promise<void> {
  await mapConcurrently(claims, async ({ key, version }) => {
    if ((await store.getVersioned(key))?.version === version) await store.delete(key);
  });
}

/** Of processes elsewhere nobody can say whether they are dead: what they hold stays. */
function isIdle({ document }: ReadClaim): boolean {
  return document.state === "released" || isProcessDead(document.holder);
}

function findUnneeded(facts: ClaimFacts, ofRuns: ReadonlySet<StoredRun> | undefined): SizedObject[] {
  const removed = new Set(facts.removedRuns);
  const remaining = facts.runs.filter((run) => !removed.has(run));
  const open = new Set(remaining.flatMap((run) => openClaims(run, facts.owners)));
  const chosen = ofRuns && new Set([...ofRuns].flatMap((run) => claimNames(run, trialsOf(run))));
  return facts.listed.filter(({ key }) => {
    const name = nameOfClaim(key);
    return name !== undefined && !open.has(name) && chosen?.has(name) !== false;
  });
}

/** `<trialId>`, or `<runId>/<trialId>` of a run that ignores the ledger. */
function nameOfClaim(key: string): string | undefined {
  const [, name, trialId = ""] = /^claims\/((?:[^/]+\/)?([^/]+))\.json$/.exec(key) ?? [];
  return isTrialId(trialId) ? name : undefined;
}

function openClaims(run: StoredRun, owners: Owners): string[] {
  const finished = new Set(run.trials.flatMap(({ trialId, hasResult }) => (hasResult ? trialId : [])));
  const isDone = (id: TrialId): boolean => finished.has(id) || (!run.ignoresLedger && owners.has(id));
  return claimNames(
    run,
    trialsOf(run).filter((id) => !isDone(id)),
  );
}

/** Of a run that was begun to be removed or to be made it isn't known which claims are its: then both. */
function claimNames({ runId, state, ignoresLedger }: StoredRun, trialIds: readonly TrialId[]): string[] {
  const own = trialIds.map((id) => `${runId}/${id}`);
  if (state !== "listed") return [...trialIds, ...own];
  return ignoresLedger ? own : [...trialIds];
}

function trialsOf({ plan, trials }: StoredRun): TrialId[] {
  return [...(plan?.trials ?? []).map(({ id }) => id), ...trials.map(({ trialId }) => trialId)];
}
