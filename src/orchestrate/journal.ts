import { objectKeys } from "../contract/object-keys.ts";
import type { Plan, TrialId } from "../plan/plan.ts";
import { pollIntervalMs } from "../record/poll-interval.ts";
import { RunningLogs } from "../record/running-logs.ts";
import type { Store } from "../record/store.ts";
import { TrialLogs } from "../record/trial-logs.ts";
import { readClaim } from "../record/claims.ts";
import { writeFailure } from "../record/trial-writer.ts";
import type { RunJournal } from "./run-trials.ts";

/** Whose attempts are written down. */
export interface JournalSession {
  /** Names the process that hands out the attempts. */
  readonly session: string;
  readonly ignoresLedger: boolean;
}

/**
 * A journal that keeps logs and failures in the trials' records.
 * @param own tells failures of this session from those of trials that others train by now, which aren't written down
 */
export function createJournal(store: Store, plan: Plan, runId: string, own?: JournalSession): RunJournal {
  const logs = new RunningLogs(new TrialLogs(store, { experiment: plan.experiment, runId }), pollIntervalMs(store));
  const run = objectKeys.run(plan.experiment, runId);
  const idOf = (trialIndex: number): TrialId => {
    const trial = plan.trials[trialIndex];
    if (trial === undefined) throw new RangeError(`the plan has no trial number ${trialIndex}`);
    return trial.id;
  };
  return {
    log: ({ trialIndex }, text) => logs.append(idOf(trialIndex), text),
    flushLog: ({ trialIndex }) => logs.flush(idOf(trialIndex)),
    async failure({ trialIndex, attempt }, failure) {
      const trialId = idOf(trialIndex);
      if (own !== undefined && (await isTrainedElsewhere(store, { trialId, runId, ...own }))) return;
      await writeFailure(store, objectKeys.trial(run, trialId), { schemaVersion: 1, trialId, attempt, ...failure });
    },
  };
}

async function isTrainedElsewhere(
  store: Store,
  { trialId, runId, session, ignoresLedger }: JournalSession & { readonly trialId: TrialId; readonly runId: string },
): Promise<boolean> {
  const claim = await readClaim(store, objectKeys.claim(trialId, ignoresLedger ? runId : undefined));
  return claim?.document.state === "held" && claim.document.holder.session !== session;
}
