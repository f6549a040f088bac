import { objectKeys } from "../../contract/object-keys.ts";
import type { RunStep } from "../../contract/run-machine.ts";
import type { Plan } from "../../plan/plan.ts";
import { RecordError } from "../../record/record-error.ts";
import { loadStarts } from "../../record/run-starts.ts";
import { loadPlan, loadRunDocument } from "../../record/run-store.ts";
import type { Store } from "../../record/store.ts";
import { policyOf, type RunPolicy } from "../run-policy.ts";

/** What a step of the state machine says about the run that it belongs to. */
export type RunPlace = Pick<RunStep, "experiment" | "runId" | "queue" | "trigger" | "execution" | "isConfirming">;

/** A run that an execution of the state machine carries out. */
export interface CloudRun extends RunPlace {
  /** Key of the run's folder. */
  readonly key: string;
  readonly plan: Plan;
  readonly policy: RunPolicy;
  readonly ignoresLedger: boolean;
  /** Id of the `provenance/<id>.json` that its trials name, if the person who started it wrote one. */
  readonly provenance?: string;
}

/**
 * Reads a run's plan and rules.
 * @throws RecordError if the run is not there
 */
export async function loadCloudRun(store: Store, place: RunPlace): Promise<CloudRun> {
  const { experiment, runId, queue, trigger, execution, isConfirming } = place;
  const key = objectKeys.run(experiment, runId);
  const plan = await loadPlan(store, objectKeys.plan(key));
  const document = await loadRunDocument(store, experiment, runId);
  if (document === undefined) {
    const fix = "start the run with `nightsweep run --on aws`, which writes it first";
    throw new RecordError(objectKeys.source(key), { problem: "there is no such run", fix });
  }
  const ignoresLedger = document.ignoresLedger === true;
  // Batch has no slots: what is dispatched waits there until there are machines for it.
  const policy = policyOf(plan.run, Number.MAX_SAFE_INTEGER);
  const provenance = (await loadStarts(store, key)).find(({ name }) => execution.endsWith(`:${name}`))?.provenance;
  const own = { experiment, runId, queue, trigger, execution, isConfirming };
  return { ...own, key, plan, policy, ignoresLedger, ...(provenance !== undefined && { provenance }) };
}
