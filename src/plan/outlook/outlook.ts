import { estimateMemory, type EstimatedConfiguration } from "../estimate.ts";
import type { Plan, PlannedConfiguration } from "../plan.ts";
import type { PlannedEngine } from "../check-configuration.ts";
import { comparePlans, type PlanChanges } from "./compare-plans.ts";
import { estimateCost, type InstanceCost } from "./estimate-cost.ts";
import { estimateGpuMemory, type GpuMemory } from "./estimate-gpu-memory.ts";
import { estimateStorage, type StoredBytes } from "./estimate-storage.ts";
import { estimateTrialSeconds } from "./estimate-time.ts";
import type { PriceFile } from "./price-file.ts";
import { scaleRange, sumRanges, type Range } from "./range.ts";
import type { Speed, SpeedFile } from "./speed-file.ts";
import { estimateWasmHeap, type WasmHeap } from "../wasm-heap.ts";
import { sweepFactors, type SweepFactors } from "./sweep-factors.ts";

/** What an outlook is made from besides the plan. */
export interface OutlookInputs {
  readonly speeds: SpeedFile;
  readonly prices: PriceFile;
  /** Engine that trials run on here. */
  readonly engine: PlannedEngine;
  /** Engine in the speed file that the time here is taken from. */
  readonly speedOf: string;
  /** Trials side by side here, and why so many. */
  readonly workers: { readonly count: number; readonly reason: string };
  /** Ids of trials that are finished and will not be trained again. */
  readonly finished: ReadonlySet<string>;
  /** The newest run of the experiment, if there is one. */
  readonly previous?: { readonly runId: string; readonly plan: Plan } | undefined;
}

/** Time on this machine. */
export interface TimeOutlook {
  readonly speed: Speed;
  readonly workers: number;
  readonly workersReason: string;
  /** All trials one after another. */
  readonly computingSeconds: Range;
  /** Until all are done, side by side. */
  readonly elapsedSeconds: Range;
}

/** What a run of a plan will take, and what it will leave, as plain JSON. Only of trials that are not finished yet. */
export interface Outlook {
  readonly factors: SweepFactors;
  readonly trialsToTrain: number;
  readonly memory: {
    /** Of a worker here, with the configuration that needs most; by what it is for. */
    readonly worker: ReturnType<typeof estimateMemory> & { readonly total: number };
    readonly gpu: GpuMemory;
    /** The embedded engine's own memory, of the configuration that needs most; absent if another engine is used. */
    readonly wasmHeap?: WasmHeap;
  };
  /** Absent if the speed file has no figures of the engine. */
  readonly time?: TimeOutlook;
  readonly cloud: { readonly prices: Omit<PriceFile, "instances">; readonly instances: readonly InstanceCost[] };
  readonly stored: { readonly totalBytes: number; readonly largestTrial: StoredBytes };
  readonly changes?: PlanChanges & { readonly runId: string };
}

/** One configuration with how often it will be trained. */
interface Work {
  readonly configuration: EstimatedConfiguration;
  readonly trials: number;
}

/** Works out what a run of a plan takes. Pure: the same inputs give the same outlook. */
export function planOutlook(plan: Plan, inputs: OutlookInputs): Outlook {
  const work = openWork(plan, inputs.finished);
  const all = plan.configurations.map((configuration) => sectionsOf(plan, configuration));
  const { speeds, prices, engine, speedOf, workers, previous } = inputs;
  const speed = speeds.speeds.find((candidate) => candidate.engine === speedOf);
  const { instances, ...priceFacts } = prices;
  return {
    factors: sweepFactors(plan),
    trialsToTrain: work.reduce((sum, { trials }) => sum + trials, 0),
    memory: {
      worker: largestWorker(all),
      gpu: largestGpu(all),
      ...(engine === "wasm" && { wasmHeap: largestWasmHeap(plan) }),
    },
    ...(speed && { time: timeOutlook(work, speed, workers) }),
    cloud: {
      prices: priceFacts,
      instances: instances.flatMap((instance) => {
        const gpu = speeds.speeds.find(({ device }) => device === instance.device);
        if (gpu === undefined) return [];
        const fits = fitsInto(work, instance);
        return [estimateCost(secondsOfTrials(work, gpu), instance, { prices, fits })];
      }),
    },
    stored: storedOutlook(work, all),
    ...(previous && { changes: { runId: previous.runId, ...comparePlans(previous.plan, plan) } }),
  };
}

/** Seconds of one trial of each configuration of a plan, in the plan's order. */
export function secondsByConfiguration(plan: Plan, speed: Speed): readonly Range[] {
  return plan.configurations.map((configuration) => estimateTrialSeconds(sectionsOf(plan, configuration), speed));
}

function openWork(plan: Plan, finished: ReadonlySet<string>): Work[] {
  const counts = new Map<number, number>();
  for (const { id, configuration } of plan.trials)
    if (!finished.has(id)) counts.set(configuration, (counts.get(configuration) ?? 0) + 1);
  return plan.configurations.flatMap((configuration, index) => {
    const trials = counts.get(index) ?? 0;
    return trials === 0 ? [] : [{ configuration: sectionsOf(plan, configuration), trials }];
  });
}

/** The sections of a configuration, looked up in its plan. */
export function sectionsOf(plan: Plan, { id, data, model, training, evaluation }: PlannedConfiguration) {
  const sections = {
    data: plan.data[data],
    model: plan.models[model],
    training: plan.trainings[training],
    evaluation: plan.evaluations[evaluation],
  };
  const { data: d, model: m, training: t, evaluation: e } = sections;
  if (!d || !m || !t || !e) throw new RangeError(`configuration ${id} points outside the plan's tables`);
  return { data: d, model: m, training: t, evaluation: e };
}

function timeOutlook(work: readonly Work[], speed: Speed, { count, reason }: OutlookInputs["workers"]): TimeOutlook {
  const trials = secondsOfTrials(work, speed);
  const computingSeconds = sumRanges(trials);
  const shared = scaleRange(computingSeconds, 1 / Math.max(1, Math.min(count, trials.length)));
  // However many workers there are, it lasts as long as the longest trial.
  const longest = (key: keyof Range): number => trials.reduce((most, range) => Math.max(most, range[key]), shared[key]);
  return {
    speed,
    workers: count,
    workersReason: reason,
    computingSeconds,
    elapsedSeconds: { low: longest("low"), likely: longest("likely"), high: longest("high") },
  };
}

function secondsOfTrials(work: readonly Work[], speed: Speed): Range[] {
  return work.flatMap(({ configuration, trials }) => {
    const seconds = estimateTrialSeconds(configuration, speed);
    return Array.from({ length: trials }, () => seconds);
  });
}

function fitsInto(work: readonly Work[], instance: PriceFile["instances"][number]): boolean {
  return work.every(({ configuration }) => {
    const { device, host } = estimateGpuMemory(configuration);
    return device <= instance.gpuMemoryGibibytes * 2 ** 30 && host <= instance.memoryGibibytes * 2 ** 30;
  });
}

function largestWorker(all: readonly EstimatedConfiguration[]): Outlook["memory"]["worker"] {
  const workers = all.map((configuration) => {
    const parts = estimateMemory(configuration);
    return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
  });
  return workers.reduce((largest, worker) => (worker.total > largest.total ? worker : largest));
}

/** The embedded engine's own memory, of the configuration of a plan that needs most. */
export function largestWasmHeap(plan: Plan): WasmHeap {
  const heaps = plan.configurations.map((configuration) => estimateWasmHeap(sectionsOf(plan, configuration)));
  return heaps.reduce((largest, next) => (next.bytes > largest.bytes ? next : largest));
}

function largestGpu(all: readonly EstimatedConfiguration[]): GpuMemory {
  const needs = all.map(estimateGpuMemory);
  return {
    device: needs.reduce((most, { device }) => Math.max(most, device), 0),
    host: needs.reduce((most, { host }) => Math.max(most, host), 0),
  };
}

function storedOutlook(work: readonly Work[], all: readonly EstimatedConfiguration[]): Outlook["stored"] {
  const totalBytes = work.reduce(
    (sum, { configuration, trials }) => sum + trials * estimateStorage(configuration).total,
    0,
  );
  const largestTrial = all
    .map(estimateStorage)
    .reduce((largest, next) => (next.total > largest.total ? next : largest));
  return { totalBytes, largestTrial };
}
