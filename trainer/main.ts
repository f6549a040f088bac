import { resolve } from "node:path";
import { claimVariables, parseClaimTimes } from "../src/contract/claim-variables.ts";
import { dataVariables } from "../src/contract/data-variables.ts";
import { exitCodes, type ExitCode } from "../src/contract/exit-codes.ts";
import { parseSpotWatch } from "../src/contract/spot-variables.ts";
import {
  parseTrainerEnvironment,
  trainerVariables,
  type TrainerEnvironment,
} from "../src/contract/trainer-environment.ts";
import { openStore } from "../src/record/open-store.ts";
import { RecordError } from "../src/record/record-error.ts";
import { loadPlan } from "../src/record/run-store.ts";
import type { Store } from "../src/record/store.ts";
import { StoreError } from "../src/record/store-error.ts";
import { systemClock } from "./clock.ts";
import { DatasetCache } from "./dataset-cache.ts";
import { formatStack } from "./describe-error.ts";
import { FetchedDatasets } from "./fetched-datasets.ts";
import { openEngine } from "./engine/open-engine.ts";
import { outliveReaders, writeLine } from "./process-output.ts";
import { runArray } from "./run-array.ts";
import { ChannelServer } from "./channel-server.ts";
import { watchSpotNotice } from "./spot-notice.ts";
import { StopRequest } from "./stop-request.ts";
import type { TrainerParts } from "./trial-runner.ts";

/** Reads the environment, does the work that it names, and says how to exit. */
async function main(): Promise<ExitCode> {
  const parsed = parseTrainerEnvironment(process.env);
  const problems = "problems" in parsed ? parsed.problems : findProblems(parsed.environment);
  if ("problems" in parsed || problems.length > 0) {
    for (const problem of problems) await writeLine(process.stderr, problem);
    return exitCodes.usage;
  }
  const stop = new StopRequest();
  process.on("SIGTERM", () => stop.request(exitCodes.terminated));
  try {
    return await work(parsed.environment, stop);
  } catch (error) {
    if (!(error instanceof RecordError || error instanceof StoreError)) throw error;
    await writeLine(process.stderr, error.message);
    return error instanceof StoreError ? exitCodes.infrastructure : exitCodes.missingInput;
  }
}

function findProblems({ store, work }: TrainerEnvironment): readonly string[] {
  const claims = parseClaimTimes(process.env);
  const spot = parseSpotWatch(process.env);
  const problems: string[] = [claims, spot].flatMap((parsed) => ("problems" in parsed ? parsed.problems : []));
  try {
    openStore(store);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    problems.push(error.message);
  }
  if (work.dispatch === "channel" && process.send === undefined) {
    problems.push(`${trainerVariables.dispatch} is "channel", but the process was started without an IPC channel`);
  }
  return problems;
}

async function work(environment: TrainerEnvironment, stop: StopRequest): Promise<ExitCode> {
  const store = openStore(environment.store);
  const threads = await plannedThreads(store, environment);
  const { device, wasmKernels } = environment;
  const opened = await openEngine(environment.engine, { variables: process.env, threads, device, wasmKernels });
  if ("problem" in opened) {
    await writeLine(process.stderr, opened.problem);
    return exitCodes.usage;
  }
  const { engine, reason } = opened;
  if (engine.notice !== undefined) await writeLine(process.stderr, engine.notice);
  if (environment.engine !== "wasm") {
    await writeLine(process.stdout, `engine ${engine.name} ${engine.version}, threads ${engine.threads}: ${reason}`);
  }
  const claims = parseClaimTimes(process.env);
  const session = process.env[claimVariables.session] ?? process.env[claimVariables.batchJob];
  const parts: TrainerParts = {
    store,
    engine,
    planKey: environment.planKey,
    datasets: new DatasetCache(resolve(environment.dataRoot), undefined, uploadedDatasets(store)),
    dataRoot: resolve(environment.dataRoot),
    ...(session && { session }),
    ...("times" in claims && { claimTimes: claims.times }),
    origin: environment.origin,
    batchPlace: { threads: environment.batchThreads },
    clock: systemClock,
    log: (line) => void writeLine(process.stdout, line),
    logError: (text) => void writeLine(process.stderr, text),
  };
  if (environment.work.dispatch === "array") {
    process.on("SIGINT", () => stop.request(exitCodes.interrupted));
    leaveOnUncaughtErrors(() => Promise.resolve());
    stopBeforeReclaim(parts, stop);
    return runArray(parts, environment.work, stop);
  }
  // Ctrl-C in a terminal goes to the whole process group; what it means is for the orchestrator to decide.
  process.on("SIGINT", () => undefined);
  stopBeforeReclaim(parts, stop);
  const server = new ChannelServer(parts, stop);
  leaveOnUncaughtErrors((error) => server.failActive(error));
  return server.serve();
}

/** In a job of AWS Batch, data sets come from the store, into a folder that the jobs of a machine share. */
function uploadedDatasets(store: Store): FetchedDatasets | undefined {
  const folder = process.env[dataVariables.folder] ?? "";
  if (process.env[claimVariables.batchJob] === undefined || folder === "") return undefined;
  return new FetchedDatasets(store, resolve(folder), (line) => void writeLine(process.stdout, line));
}

/** On AWS Batch a spot instance is taken back without a signal to the container, two minutes after a notice. */
function stopBeforeReclaim({ log, logError }: TrainerParts, stop: StopRequest): void {
  const spot = parseSpotWatch(process.env);
  if (process.env[claimVariables.batchJob] === undefined || "problems" in spot || spot.watch === undefined) return;
  watchSpotNotice(spot.watch, {
    onNotice({ action, time }) {
      log(
        `this spot instance is taken back (${action} at ${time}): writing a checkpoint, another attempt goes on from it`,
      );
      stop.request(exitCodes.checkpointed);
    },
    onSilence: (reason) =>
      logError(
        `the instance's metadata does not answer (${reason}): if it is a spot instance that is taken back, the steps ` +
          "since the last checkpoint are trained again",
      ),
  });
}

/** Threads are a field of the plan, so that results don't depend on the machine. A plan that can't be read is told later. */
async function plannedThreads(store: Store, { engine, planKey }: TrainerEnvironment): Promise<number> {
  if (engine === "wasm") return 1;
  try {
    return (await loadPlan(store, planKey)).resources.threads ?? 1;
  } catch (error) {
    if (error instanceof RecordError) return 1;
    throw error;
  }
}

function leaveOnUncaughtErrors(beforeLeaving: (error: unknown) => Promise<void>): void {
  const leave = async (error: unknown): Promise<void> => {
    await writeLine(process.stderr, formatStack(error));
    await beforeLeaving(error);
    process.exit(exitCodes.bug);
  };
  process.on("uncaughtException", (error) => void leave(error));
  process.on("unhandledRejection", (error) => void leave(error));
}

outliveReaders();
try {
  process.exit(await main());
} catch (error) {
  await writeLine(process.stderr, formatStack(error));
  process.exit(exitCodes.bug);
}
