import type { RunStep } from "../../contract/run-machine.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import { serializePlan } from "../../plan/serialize-plan.ts";
import { encodeJson, encodeText } from "../../record/json-object.ts";
import { loadRun } from "../../record/load-run.ts";
import type { RunDocument } from "../../record/run-records.ts";
import { loadRunDocument } from "../../record/run-store.ts";
import type { CloudParts } from "./cloud-parts.ts";
import { loadCloudRun } from "./cloud-run.ts";
import { stepOf } from "./next-step.ts";
import { beginRun } from "./plan-step.ts";
import { confirmingRunId } from "./report-step.ts";

/**
 * The re-run that a suspicion asks for before there is an alarm: a run of its own, with other seeds, because the same
 * ones would come out the same.
 */
export async function confirmStep(parts: CloudParts, step: RunStep): Promise<RunStep> {
  const { store, gate } = parts;
  const run = await loadCloudRun(store, step);
  const records = await loadRun(store, run.experiment, run.runId, { parts: [] });
  const { confirmation } = await gate.judge(store, { records });
  if (confirmation === undefined) return stepOf(step, { round: step.round, next: "report" });
  const plan = gate.confirmingPlan(run.plan, confirmation);
  const runId = confirmingRunId(run.runId);
  const key = objectKeys.run(run.experiment, runId);
  const suspected = await loadRunDocument(store, run.experiment, run.runId);
  const document: RunDocument = {
    schemaVersion: 1,
    runId,
    experiment: run.experiment,
    planId: plan.planId,
    createdAt: parts.now().toISOString(),
    experimentFile: suspected?.experimentFile ?? "",
    ignoresLedger: true,
    confirms: run.runId,
    execution: run.execution,
    ...(suspected?.commit !== undefined && { commit: suspected.commit }),
  };
  await store.putIfAbsent(objectKeys.plan(key), encodeText(serializePlan(plan)));
  await store.putIfAbsent(objectKeys.source(key), encodeJson(document));
  return beginRun(parts, { ...step, runId, isConfirming: true });
}
