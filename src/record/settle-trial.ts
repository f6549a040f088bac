import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import type { TrialId } from "../plan/plan.ts";
import type { ReadyResult } from "./claim-document.ts";
import type { HeldClaim } from "./held-claim.ts";
import { encodeJson } from "./json-object.ts";
import { findFinished, recordFinished } from "./ledger.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import type { Store } from "./store.ts";

/**
 * Whether a trial that was just claimed needs no training, because another run has finished it, or an attempt that was
 * overtaken had written all its files: then the result that it announced is put in place here.
 * @param ignoresLedger whether what other runs finished doesn't count
 */
export async function settleTrial(
  store: Store,
  { trialId, claim, ignoresLedger }: { trialId: TrialId; claim: HeldClaim; ignoresLedger: boolean },
): Promise<boolean> {
  if (claim.ready !== undefined && (await putInPlace(store, claim.ready))) return true;
  return !ignoresLedger && (await findFinished(store, [trialId])).has(trialId);
}

/** Files that aren't what the result says were damaged since: then the trial is trained again. */
async function putInPlace(store: Store, { experiment, runId, result }: ReadyResult): Promise<boolean> {
  const { trialId, files } = result;
  const key = objectKeys.trial(objectKeys.run(experiment, runId), trialId);
  const isIntact = await mapConcurrently(
    Object.entries(files),
    async ([name, sha256]) => (await store.sha256(`${key}/${name}`)) === sha256,
  );
  if (!isIntact.every(Boolean)) return false;
  await store.putIfAbsent(`${key}/${trialFiles.result}`, encodeJson(result));
  await recordFinished(store, { schemaVersion: 1, trialId, experiment, runId });
  return true;
}
