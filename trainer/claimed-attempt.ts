import { objectKeys } from "../src/contract/object-keys.ts";
import type { TrainedElsewhere } from "../src/contract/worker-messages.ts";
import type { TrialId } from "../src/plan/plan.ts";
import type { ClaimClock } from "../src/record/claim-clock.ts";
import { claimTrial } from "../src/record/claims.ts";
import { ClaimLostError, type HeldClaim } from "../src/record/held-claim.ts";
import { settleTrial } from "../src/record/settle-trial.ts";
import type { Store } from "../src/record/store.ts";
import type { AttemptOutcome } from "./train-trial.ts";

/** Which trial is to be trained, and where it is recorded. */
export interface TrialPlace {
  readonly experiment: string;
  readonly runId: string;
  readonly trialId: TrialId;
  /** Whether the run trains its trials whatever other runs have finished. */
  readonly ignoresLedger: boolean;
}

/** A trial that is to be claimed. */
export interface ClaimedTrial extends TrialPlace {
  readonly store: Store;
  /** Names the one that hands out the attempts. */
  readonly session: string;
  /** Milliseconds between two signs of life. */
  readonly beatMs: number;
  /** Absent = that of this process. */
  readonly clock?: ClaimClock;
}

/** Key of a trial's claim. */
export function claimKeyOf({ trialId, runId, ignoresLedger }: TrialPlace): string {
  return objectKeys.claim(trialId, ignoresLedger ? runId : undefined);
}

/**
 * Makes an attempt at a trial while nobody else trains it: claims the trial, shows signs of life, and gives it back at
 * the end. A trial that another run has finished meanwhile isn't trained.
 * @param work makes the attempt; its writes throw a ClaimLostError once the trial was taken over
 */
export async function attemptClaimed(
  trial: ClaimedTrial,
  work: (claim: HeldClaim) => Promise<AttemptOutcome>,
): Promise<AttemptOutcome> {
  const { store, trialId, ignoresLedger, beatMs, clock } = trial;
  const key = claimKeyOf(trial);
  const claimed = await claimTrial({ store, key, trialId, clock }, trial);
  if (claimed.type === "held") return claimed;
  const { claim } = claimed;
  const stopBeating = claim.keepBeating(beatMs);
  try {
    const isSettled = await settleTrial(store, { trialId, claim, ignoresLedger });
    const outcome: AttemptOutcome = isSettled ? { type: "finished" } : await work(claim);
    await (outcome.type === "finished" ? claim.remove() : claim.release());
    return outcome;
  } catch (error) {
    if (error instanceof ClaimLostError) return superseded(error);
    // If the store can't take even this, the claim expires.
    await claim.release().catch(() => undefined);
    throw error;
  } finally {
    stopBeating();
  }
}

function superseded({ holder }: ClaimLostError): TrainedElsewhere {
  return { type: "superseded", ...(holder && { holder }) };
}
