import { objectKeys } from "../contract/object-keys.ts";
import type { TrialId } from "../plan/plan.ts";
import type { ClaimDocument } from "./claim-document.ts";
import { readClaim } from "./claims.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import type { Store } from "./store.ts";

/**
 * Who holds which of some trials now. A list of all claims, and a request for each of those that are there.
 * @param ownRunId id of the run if it ignores the ledger: then only its own claims count
 */
export async function loadHeldClaims(
  store: Store,
  trialIds: readonly TrialId[],
  ownRunId: string | undefined,
): Promise<ReadonlyMap<TrialId, ClaimDocument>> {
  const sample = objectKeys.claim("x", ownRunId);
  const listed = new Set(await store.list(sample.slice(0, sample.lastIndexOf("/") + 1)));
  const claimed = trialIds.filter((id) => listed.has(objectKeys.claim(id, ownRunId)));
  const found = await mapConcurrently(claimed, (id) => readClaim(store, objectKeys.claim(id, ownRunId)));
  const held = found.flatMap((read) => (read?.document.state === "held" ? [read.document] : []));
  return new Map(held.map((document) => [document.trialId, document]));
}
