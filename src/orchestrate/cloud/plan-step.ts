import type { PlanEvent, RunStep } from "../../contract/run-machine.ts";
import type { TrialId } from "../../plan/plan.ts";
import { writeExecution } from "../../record/executions.ts";
import { findFinished } from "../../record/ledger.ts";
import { loadRun } from "../../record/load-run.ts";
import { lastRound, loadRound, rangesOf, type Ranges } from "../../record/run-rounds.ts";
import type { Store } from "../../record/store.ts";
import type { CloudParts } from "./cloud-parts.ts";
import { loadCloudRun, type CloudRun, type RunPlace } from "./cloud-run.ts";
import { nextStep, stepOf, stepOfRound } from "./next-step.ts";
import { openCloudRun } from "./open-cloud-run.ts";

/** The first step of an execution: which run it carries out, and what is to be trained of it. */
export async function planStep(parts: CloudParts, event: PlanEvent): Promise<RunStep> {
  const { input, execution } = event;
  const { experiment, runId, isOthers } = await openCloudRun(parts, event);
  const { queue, trigger } = input;
  const place: RunPlace = { experiment, runId, queue, trigger, execution: execution.id, isConfirming: false };
  if (isOthers) return stepOf(place, { round: 1, next: "nothing" });
  await writeExecution(parts.store, execution.name, { experiment, runId, queue, trigger });
  return beginRun(parts, place);
}

/** The first step of a run that is there in the store. Asked again, it gives the same answer. */
export async function beginRun(parts: CloudParts, place: RunPlace): Promise<RunStep> {
  const { store } = parts;
  const run = await loadCloudRun(store, place);
  const last = await lastRound(store, run.key);
  const newest = last === 0 ? undefined : await loadRound(store, run.key, last);
  // This step was made before, and its answer was lost.
  if (newest?.execution === run.execution) return stepOfRound(run, newest);
  return nextStep(parts, run, { rounds: [], next: last + 1, known: await findKnown(store, run) });
}

/** Trials that are finished already. */
async function findKnown(store: Store, run: CloudRun): Promise<Ranges> {
  const { plan, experiment, runId } = run;
  const isFinished = run.ignoresLedger
    ? await finishedHere(store, experiment, runId)
    : await finishedAnywhere(
        store,
        plan.trials.map(({ id }) => id),
      );
  return rangesOf(plan.trials.flatMap(({ id }, index) => (isFinished.has(id) ? [index] : [])));
}

async function finishedHere(store: Store, experiment: string, runId: string): Promise<ReadonlySet<TrialId>> {
  const { trials } = await loadRun(store, experiment, runId, { parts: [] });
  return new Set(trials.flatMap(({ trial, state }) => (state.type === "finished" ? [trial.id] : [])));
}

async function finishedAnywhere(store: Store, ids: readonly TrialId[]): Promise<ReadonlySet<TrialId>> {
  return new Set((await findFinished(store, ids)).keys());
}
