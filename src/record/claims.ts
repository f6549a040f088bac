import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { ClaimHolder } from "../contract/worker-messages.ts";
import type { TrialId } from "../plan/plan.ts";
import type { ClaimClock } from "./claim-clock.ts";
import { claimSchema, type ClaimDocument } from "./claim-document.ts";
import { HeldClaim } from "./held-claim.ts";
import { decodeJson, encodeJson } from "./json-object.ts";
import { isProcessDead, processSpace } from "./process-space.ts";
import type { Store } from "./store.ts";

/** For whom a trial is claimed. */
export interface Claimant {
  readonly experiment: string;
  readonly runId: string;
  /** Whoever hands out attempts, and never two at the same trial side by side. */
  readonly session: string;
}

/** What is to be claimed. */
export interface ClaimPlace {
  readonly store: Store;
  /** Key of the claim. */
  readonly key: string;
  readonly trialId: TrialId;
  /** Absent = that of this process. */
  readonly clock?: ClaimClock | undefined;
}

/** Whether a trial was claimed, or who has it. */
export type ClaimOutcome =
  | { readonly type: "claimed"; readonly claim: HeldClaim }
  | { readonly type: "held"; readonly holder: ClaimHolder };

/** A claim as it was read, with what it takes to change it. */
export interface ReadClaim {
  readonly document: ClaimDocument;
  readonly version: string;
}

/**
 * Claims a trial unless somebody else trains it. The claim of a process that is certainly dead, and one that an earlier
 * attempt of the same session left, is taken over. One call of the store if nobody has claimed the trial before.
 */
export async function claimTrial(place: ClaimPlace, claimant: Claimant): Promise<ClaimOutcome> {
  const { store, key, trialId, clock } = place;
  const claimId = randomUUID();
  const own = { schemaVersion: 1, trialId, state: "held", claimId, beat: 0, holder: describeHolder(claimant) } as const;
  for (;;) {
    const first: ClaimDocument = { ...own, token: 1 };
    if (await store.putIfAbsent(key, encodeJson(first)))
      return { type: "claimed", claim: new HeldClaim(store, key, first, clock) };
    const current = await readClaim(store, key);
    if (current === undefined) continue;
    const { holder, state, token, ready } = current.document;
    const isFree = state === "released";
    if (!isFree && holder.session !== claimant.session && !isProcessDead(holder)) return { type: "held", holder };
    const next = { ...own, token: isFree ? token : token + 1, ...(ready && { ready }) };
    if (await store.putIfMatch(key, encodeJson(next), current.version))
      return { type: "claimed", claim: new HeldClaim(store, key, next, clock) };
  }
}

/**
 * Takes a claim away from a holder that shows no sign of life. Whatever it still writes is refused from then on.
 * @param seen the claim as it has been for too long
 * @returns whether it was taken away; no if it has changed meanwhile
 */
export function evictHolder(store: Store, key: string, { document, version }: ReadClaim): Promise<boolean> {
  const evicted: ClaimDocument = { ...document, token: document.token + 1, state: "released", claimId: randomUUID() };
  return store.putIfMatch(key, encodeJson(evicted), version);
}

/** A claim as it is now, or undefined if there is none. @throws RecordError if it can't be read */
export async function readClaim(store: Store, key: string): Promise<ReadClaim | undefined> {
  const object = await store.getVersioned(key);
  return object && { document: decodeJson(key, object.bytes, claimSchema), version: object.version };
}

function describeHolder({ experiment, runId, session }: Claimant): ClaimHolder {
  const since = new Date().toISOString();
  const place = { host: hostname(), space: processSpace(), pid: process.pid };
  return { experiment, runId, session, ...place, since, lastSign: since };
}
