// Entry point of a job of AWS Batch whose trials share a device: starts trainers side by side, see bin/job.js.
import { availableParallelism } from "node:os";
import path from "node:path";
import { claimVariables, defaultClaimTimes, parseClaimTimes } from "../contract/claim-variables.ts";
import { exitCodes, type ExitCode } from "../contract/exit-codes.ts";
import { objectKeys } from "../contract/object-keys.ts";
import { parseTrainerEnvironment, trainerVariables, type TrainerEnvironment } from "../contract/trainer-environment.ts";
import { probeGpuMemory, probeMachineMemory } from "../execute/device-memory.ts";
import type { Executor } from "../execute/executor.ts";
import { LocalExecutor } from "../execute/local-executor.ts";
import { SharingExecutor } from "../orchestrate/sharing-executor.ts";
import { runSideBySide } from "../orchestrate/side-by-side/run-side-by-side.ts";
import type { Plan } from "../plan/plan.ts";
import { ClaimWatch } from "../record/claim-watch.ts";
import { findJobTrials } from "../record/job-trials.ts";
import { openStore } from "../record/open-store.ts";
import { RecordError } from "../record/record-error.ts";
import { loadPlan, loadRunDocument } from "../record/run-store.ts";
import type { Store } from "../record/store.ts";
import { StoreError } from "../record/store-error.ts";
import { trainerEntry } from "./product.ts";

type ArrayWork = Extract<TrainerEnvironment["work"], { readonly dispatch: "array" }>;

const lookEveryMs = 2000;

async function main(): Promise<ExitCode> {
  const parsed = parseTrainerEnvironment(process.env);
  const claims = parseClaimTimes(process.env);
  const problems = [parsed, claims].flatMap((each) => ("problems" in each ? each.problems : []));
  if ("problems" in parsed || problems.length > 0 || parsed.environment.work.dispatch !== "array") {
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    return exitCodes.usage;
  }
  try {
    return await runJob(parsed.environment, parsed.environment.work);
  } catch (error) {
    if (!(error instanceof RecordError || error instanceof StoreError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error instanceof StoreError ? exitCodes.infrastructure : exitCodes.missingInput;
  }
}

async function runJob(environment: TrainerEnvironment, work: ArrayWork): Promise<ExitCode> {
  const store = openStore(environment.store);
  const plan = await loadPlan(store, environment.planKey);
  const found = await findJobTrials(store, work, plan.trials.length);
  if ("problem" in found) {
    process.stderr.write(`${found.problem}\n`);
    return exitCodes.usage;
  }
  const runId = environment.planKey.split("/").at(-2) ?? "";
  const ignoresLedger = (await loadRunDocument(store, plan.experiment, runId))?.ignoresLedger === true;
  const claims = parseClaimTimes(process.env);
  const { expiryMs } = "times" in claims ? claims.times : defaultClaimTimes;
  const claimKey = claimKeys(plan, ignoresLedger ? runId : undefined);
  const cores = Math.max(1, Math.floor(availableParallelism() / (plan.resources.threads ?? 1)));
  return runSideBySide({
    store,
    plan,
    runId,
    trialIndexes: found.trialIndexes,
    attempt: work.attempt,
    limit: Math.min(work.trialsPerGpu, cores),
    createExecutor: (slots) => createExecutor(store, { slots, expiryMs, claimKey }),
    probes: environment.device === "gpu" ? [probeGpuMemory, probeMachineMemory] : [probeMachineMemory],
    probeEveryMs: 1000,
    heldMs: expiryMs + 2 * lookEveryMs,
    stop: stopOnSignals(),
    print: (line) => process.stdout.write(`${line}\n`),
  });
}

function claimKeys(plan: Plan, ownRunId: string | undefined): (trialIndex: number) => string {
  return (trialIndex) => objectKeys.claim(plan.trials[trialIndex]?.id ?? "", ownRunId);
}

/** Trainers with this process' environment, which hand themselves out trials by their channel. */
function createExecutor(
  store: Store,
  options: { readonly slots: number; readonly expiryMs: number; readonly claimKey: (trialIndex: number) => string },
): Executor {
  const { slots, expiryMs, claimKey } = options;
  const { [trainerVariables.dataRoot]: dataRoot = "." } = process.env;
  const local = new LocalExecutor({
    trainer: trainerEntry(),
    environment: {
      ...process.env,
      [trainerVariables.dataRoot]: path.resolve(dataRoot),
      [trainerVariables.dispatch]: "channel",
      // The job never hands out two attempts at the same trial side by side, whichever of its attempts it is.
      [claimVariables.session]: process.env[claimVariables.session] ?? process.env[claimVariables.batchJob],
    },
    workers: slots,
  });
  return new SharingExecutor(local, {
    watch: new ClaimWatch(store, expiryMs),
    claimKey,
    lookEveryMs: Math.min(lookEveryMs, expiryMs / 4),
  });
}

/** @returns aborted by SIGTERM, which AWS Batch sends 30 s before SIGKILL, and by SIGINT */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());
  return stop.signal;
}

process.exit(await main());
