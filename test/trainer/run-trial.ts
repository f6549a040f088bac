import { trialFiles } from "../../src/contract/object-keys.ts";
import type { TrialProgress } from "../../src/contract/worker-messages.ts";
import { loadMetrics } from "../../src/record/load-trial.ts";
import { loadJson } from "../../src/record/json-object.ts";
import { trialResultSchema } from "../../src/record/record-schemas.ts";
import type { EpochMetrics, MetricsLine, TrialResult } from "../../src/record/trial-record.ts";
import { systemClock, type Clock } from "../../trainer/clock.ts";
import { DatasetCache } from "../../trainer/dataset-cache.ts";
import type { Engine } from "../../trainer/engine/engine.ts";
import { createWasmEngine } from "../../trainer/engine/wasm-engine.ts";
import type { AttemptOutcome } from "../../trainer/train-trial.ts";
import type { BatchPlace } from "../../trainer/trial-batches.ts";
import { TrialRunner } from "../../trainer/trial-runner.ts";
import { interruptedEngine, type Interruption } from "./interrupted-engine.ts";
import { tornStore } from "./torn-store.ts";
import type { TinyRun } from "./tiny-run.ts";

/** How an attempt in this process is made. */
export interface AttemptOptions {
  readonly trialIndex?: number;
  readonly attempt?: number;
  readonly engine?: Engine;
  /** Cut short while it computes… */
  readonly interruption?: Interruption;
  /** …or killed after so many changes to the store. */
  readonly tornAfter?: number;
  /** Where batches are made; absent = where it is best. */
  readonly batchPlace?: BatchPlace;
  readonly onProgress?: (progress: TrialProgress) => void;
  /** Absent = that of the machine. */
  readonly clock?: Clock;
  readonly log?: (line: string) => void;
}

/** Makes one attempt at a trial in this process. */
export async function attemptTrial(run: TinyRun, options: AttemptOptions = {}): Promise<AttemptOutcome> {
  const { trialIndex = 0, attempt = 1, interruption, onProgress = () => undefined } = options;
  const engine = options.engine ?? (await createWasmEngine());
  const stop = new AbortController();
  const runner = new TrialRunner({
    engine: interruption === undefined ? engine : interruptedEngine(engine, interruption, stop),
    store: options.tornAfter === undefined ? run.store : tornStore(run.store, options.tornAfter),
    planKey: run.planKey,
    datasets: new DatasetCache(run.dataRoot),
    dataRoot: run.dataRoot,
    ...(options.batchPlace && { batchPlace: options.batchPlace }),
    clock: options.clock ?? systemClock,
    log: options.log ?? (() => undefined),
    logError: () => undefined,
  });
  return runner.run(trialIndex, attempt, { stop: stop.signal, onProgress });
}

/** The files of a record that are equal whenever the trial is run again, by name. */
export async function deterministicFiles(run: TinyRun, index = 0): Promise<Record<string, string>> {
  const names = [
    trialFiles.metrics,
    trialFiles.result,
    trialFiles.confusion,
    trialFiles.predictions,
    trialFiles.modelTopology,
    trialFiles.modelWeights,
  ];
  const entries = names.map(async (name) => {
    const bytes = await run.store.get(`${run.trialKey(index)}/${name}`);
    return [name, bytes === undefined ? "missing" : Buffer.from(bytes).toString("latin1")] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The recorded result. */
export async function loadResult(run: TinyRun, index = 0): Promise<TrialResult> {
  const result = await loadJson(run.store, `${run.trialKey(index)}/${trialFiles.result}`, trialResultSchema);
  if (result === undefined) throw new Error("the trial has no result");
  return result;
}

/** The recorded lines of all epochs. */
export async function loadEpochs(run: TinyRun, index = 0): Promise<EpochMetrics[]> {
  return (await loadLines(run, index)).filter((line) => line.kind === "epoch");
}

/** All recorded lines. */
export async function loadLines(run: TinyRun, index = 0): Promise<MetricsLine[]> {
  return (await loadMetrics(run.store, run.trialKey(index))) ?? [];
}
