import { createHash } from "node:crypto";
import type { ExecutionInput, PlanEvent } from "../../contract/run-machine.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import { resultsVersion } from "../../contract/results-version.ts";
import { listDatasets, planExperiment, type KnownDataset } from "../../plan/plan-experiment.ts";
import type { Plan } from "../../plan/plan.ts";
import { serializePlan } from "../../plan/serialize-plan.ts";
import { encodeJson, encodeText } from "../../record/json-object.ts";
import { createRunId } from "../../record/run-id.ts";
import type { RunDocument } from "../../record/run-records.ts";
import { loadRunDocument } from "../../record/run-store.ts";
import { findUploadedDataset } from "../../record/uploaded-datasets.ts";
import type { CloudParts } from "./cloud-parts.ts";
import type { CompiledExperiment } from "./compiled-experiment.ts";

/** Which run an execution carries out, and whether another execution does it already. */
export interface OpenedCloudRun {
  readonly experiment: string;
  readonly runId: string;
  readonly isOthers: boolean;
}

/** Something that whoever started the execution has to mend. */
export class CloudInputError extends Error {
  override readonly name = "CloudInputError";
}

/**
 * The run of an execution: the one that the client has written, or one made here of a compiled experiment. Its id is a
 * function of the event, so that an event that comes twice means the same run.
 */
export async function openCloudRun(parts: CloudParts, event: PlanEvent): Promise<OpenedCloudRun> {
  const { input, execution } = event;
  if ("run" in input) return { ...input.run, isOthers: false };
  const compiled = await loadCompiled(parts, input.compiled);
  const plan = compiled.plan ?? (await planFromUploads(parts, compiled));
  const runId = runIdFor(plan.experiment, input, event);
  const key = objectKeys.run(plan.experiment, runId);
  const document: RunDocument = {
    schemaVersion: 1,
    runId,
    experiment: plan.experiment,
    planId: plan.planId,
    createdAt: dueAt(input, event).toISOString(),
    experimentFile: compiled.experiment.file,
    // A benchmark measures tonight's code: what an earlier night has found doesn't count.
    ...((plan.benchmark !== undefined || input.trigger === "schedule") && { ignoresLedger: true }),
    execution: execution.id,
    ...(compiled.commit !== undefined && { commit: compiled.commit }),
  };
  await parts.store.putIfAbsent(objectKeys.plan(key), encodeText(serializePlan(plan)));
  if (await parts.store.putIfAbsent(objectKeys.source(key), encodeJson(document)))
    return { experiment: plan.experiment, runId, isOthers: false };
  const there = await loadRunDocument(parts.store, plan.experiment, runId);
  return { experiment: plan.experiment, runId, isOthers: there?.execution !== execution.id };
}

type CompiledInput = Extract<ExecutionInput, { readonly compiled: unknown }>;

function dueAt({ scheduledFor }: CompiledInput, { execution }: PlanEvent): Date {
  const due = new Date(scheduledFor ?? execution.startTime);
  if (Number.isNaN(due.getTime())) throw new CloudInputError(`"${scheduledFor}" is no time`);
  return due;
}

function runIdFor(experiment: string, input: CompiledInput, event: PlanEvent): string {
  const named = input.scheduledFor === undefined ? `${experiment} ${event.execution.name}` : experiment;
  const hash = createHash("sha256").update(named).digest();
  return createRunId(dueAt(input, event), (count) => hash.subarray(0, count));
}

async function loadCompiled(
  { loadAsset }: CloudParts,
  address: CompiledInput["compiled"],
): Promise<CompiledExperiment> {
  const bytes = await loadAsset(address);
  if (bytes === undefined)
    throw new CloudInputError(`there is no object ${address.key} in ${address.bucket}: deploy the stack again`);
  // Written by the same version of nightsweep that reads it here, and published under its hash.
  const compiled: CompiledExperiment = JSON.parse(new TextDecoder().decode(bytes));
  if (compiled.schemaVersion !== 1) throw new CloudInputError(`${address.key} was compiled by another version`);
  return compiled;
}

/** Plans an experiment whose data sets were not known when the stack was synthesised. */
async function planFromUploads({ store, settings }: CloudParts, { experiment }: CompiledExperiment): Promise<Plan> {
  const known: KnownDataset[] = [];
  for (const { spec } of listDatasets(experiment)) {
    const found = await findUploadedDataset(store, spec);
    if (found === undefined)
      throw new CloudInputError(
        `the data set of ${experiment.file} was never uploaded: run \`nightsweep push-data ${experiment.file}\` where its files are`,
      );
    known.push({ spec, dataset: found });
  }
  const code = { packageVersion: settings.version, resultsVersion };
  const planned = planExperiment(experiment, known, code, [], "tensorflow");
  if ("plan" in planned) return planned.plan;
  const reasons = planned.issues.map(({ message }) => message);
  throw new CloudInputError(`${experiment.file} can't be planned: ${reasons.join("; ")}`);
}
