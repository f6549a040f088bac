import { objectKeys } from "../contract/object-keys.ts";
import type { Plan, TrialId } from "../plan/plan.ts";
import type { Store } from "../record/store.ts";
import { TrialLogs } from "../record/trial-logs.ts";
import { readClaim } from "../record/claims.ts";
import { writeFailure } from "../record/trial-writer.ts";
import type { OpenedRun } from "./open-run.ts";
import type { RunJournal } from "./run-trials.ts";

/**
 * A journal that keeps logs and failures in the trials' records.
 * @param session whose attempts' failures are written down; not those of trials that others train by now
 */
export function createJournal(
  store: Store,
  plan: Plan,
  { runId, ignoresLedger }: Pick<OpenedRun, "runId" | "ignoresLedger">,
  session: string,
): RunJournal {
  const logs = new TrialLogs(store, { experiment: plan.experiment, runId });
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
      const claim = await readClaim(store, objectKeys.claim(trialId, ignoresLedger ? runId : undefined));
      if (claim?.document.state === "held" && claim.document.holder.session !== session) return;
      await writeFailure(store, objectKeys.trial(run, trialId), { schemaVersion: 1, trialId, attempt, ...failure });
    },
  };
}
