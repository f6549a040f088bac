import { objectKeys } from "../contract/object-keys.ts";
import type { Plan, TrialId } from "../plan/plan.ts";
import { pollIntervalMs } from "../record/poll-interval.ts";
import { RunningLogs } from "../record/running-logs.ts";
import type { Store } from "../record/store.ts";
import { TrialLogs } from "../record/trial-logs.ts";
import { writeFailure } from "../record/trial-writer.ts";
import type { RunJournal } from "./run-trials.ts";

/** A journal that keeps logs and failures in the trials' records. */
export function createJournal(store: Store, plan: Plan, runId: string): RunJournal {
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
      await writeFailure(store, objectKeys.trial(run, trialId), { schemaVersion: 1, trialId, attempt, ...failure });
    },
  };
}
