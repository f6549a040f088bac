import type { FieldChange } from "../plan/outlook/compare-plans.ts";
import type { Outlook } from "../plan/outlook/outlook.ts";
import { wasmHeapLimitBytes, type WasmHeap } from "../plan/wasm-heap.ts";
import type { Range } from "../plan/outlook/range.ts";
import { decimalBytes, duration, grouped, mebibytes } from "../report/number-formats.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { Table } from "../report/table.ts";

const maxShownFields = 8;

/** How many trials there are and why, e.g. `18 trials = 6 configurations × 3 seeds`. */
export function trialCountLines({ factors, trialsToTrain }: Outlook): string[] {
  const { trials, configurations, seeds, paths, combinations } = factors;
  const product = paths.map(({ path, values }) => `${values} ${path}`).join(" × ");
  const isProduct = combinations === configurations;
  const isEvenlySeeded = trials === configurations * seeds;
  return [
    `${count(trials, "trial")} = ${count(configurations, "configuration")}${isEvenlySeeded ? ` × ${count(seeds, "seed")}` : " with their seeds"}`,
    ...(paths.length === 0 ? [] : [`${grouped(configurations)} ${isProduct ? "=" : "of"} ${product}`]),
    trialsToTrain === trials
      ? "none is finished yet"
      : `${grouped(trials - trialsToTrain)} already finished and not trained again, ${grouped(trialsToTrain)} to train`,
  ];
}

/** What is different from the last run of the experiment. */
export function changeLines({ changes }: Outlook): string[] {
  if (changes === undefined) return ["no run of this experiment yet"];
  const { runId, trials, seeds, fields, resultsVersionChanged } = changes;
  if (trials.added === 0 && trials.removed === 0) return [`the same trials as in the last run ${runId}`];
  const counts = `${grouped(trials.unchanged)} unchanged, ${grouped(trials.added)} new, ${grouped(trials.removed)} gone`;
  return [
    `against the last run ${runId}: ${counts}`,
    ...(resultsVersionChanged ? ["  nightsweep itself gives other results now: nothing can be taken over"] : []),
    ...(seeds.added.length > 0 ? [`  new seeds ${seeds.added.join(", ")}`] : []),
    ...(seeds.removed.length > 0 ? [`  seeds ${seeds.removed.join(", ")} are gone`] : []),
    ...fields.slice(0, maxShownFields).map(fieldLine),
    ...(fields.length > maxShownFields ? [`  … and more fields (--output json)`] : []),
  ];
}

function fieldLine({ path, before, after, configurations }: FieldChange): string {
  return `  ${path}: ${before ?? "(not there)"} → ${after ?? "(not there)"} (${count(configurations, "configuration")})`;
}

/** Memory, time and what is stored. */
export function resourceLines({ memory, time, stored, trialsToTrain }: Outlook): string[] {
  const { worker, gpu } = memory;
  const { largestTrial } = stored;
  return [
    `memory about ${mebibytes(worker.total)} a worker (process ${mebibytes(worker.process)}, data ${mebibytes(worker.data)}, prepared images ${mebibytes(worker.batches + worker.kept)}, weights ${mebibytes(worker.weights)}, layer outputs ${mebibytes(worker.activations + worker.scratch)})`,
    ...(memory.wasmHeap === undefined ? [] : wasmHeapLines(memory.wasmHeap)),
    `on a GPU about ${mebibytes(gpu.device)} of its memory and ${mebibytes(gpu.host)} of main memory (computed, not measured)`,
    ...(time === undefined || trialsToTrain === 0 ? [] : timeLines(time)),
    `stored: ${decimalBytes(largestTrial.total)} a trial (${count(largestTrial.checkpointCount, "checkpoint")} of ${decimalBytes(largestTrial.bytesPerCheckpoint)}, model ${decimalBytes(largestTrial.model)}), ${decimalBytes(stored.totalBytes)} in all`,
  ];
}

/** Only where it gets narrow. */
export function wasmHeapLines({ bytes, state }: WasmHeap): string[] {
  if (state === "fits") return [];
  const need = `the embedded engine would need about ${mebibytes(bytes)} of its heap of ${mebibytes(wasmHeapLimitBytes)}`;
  const advice = "a smaller batchSize, fewer units or filters, or --engine tensorflow";
  return [
    state === "nearLimit"
      ? `NARROW: ${need}; a trial may fail for lack of memory. What helps: ${advice}`
      : `DOES NOT FIT: ${need}; \`run\` refuses it. What helps: ${advice}`,
  ];
}

function timeLines({
  speed,
  workers,
  workersReason,
  computingSeconds,
  elapsedSeconds,
}: NonNullable<Outlook["time"]>): string[] {
  const origin = `${speed.isMeasured ? "measured" : "not measured"} ${speed.dated}`;
  return [
    `time here about ${duration(elapsedSeconds.likely)} with ${count(workers, "worker")}, ${rangeText(elapsedSeconds)}; computing ${duration(computingSeconds.likely)} (${speed.engine}, ${speed.device}, ${origin}; see --speeds)`,
    `${count(workers, "worker")} side by side here: ${workersReason} (\`run --workers\` changes it, never the results)`,
  ];
}

function rangeText({ low, high }: Range): string {
  return `${duration(low)} … ${duration(high)}`;
}

/** What the run would cost on instances with a GPU. */
export function costLines(outlook: Outlook): string[] {
  const { cloud, trialsToTrain } = outlook;
  if (trialsToTrain === 0 || cloud.instances.length === 0) return [];
  const { prices } = cloud;
  return [
    `on AWS Batch, in ${prices.currency}, ${prices.region}, ${prices.isVerified ? "verified" : "UNVERIFIED"} prices of ${prices.dated} (see --prices); GPU speeds are computed, not measured:`,
    renderTextTable(costTable(outlook)),
  ];
}

function costTable({ cloud }: Outlook): Table {
  return {
    columns: [
      { key: "type", label: "instance", align: "left" },
      { key: "device", label: "GPU", align: "left" },
      { key: "hours", label: "computing", align: "left" },
      { key: "spot", label: "spot", align: "left" },
      { key: "onDemand", label: "on demand", align: "left" },
      { key: "fits", label: "fits its memory", align: "left" },
    ],
    rows: cloud.instances.map(({ type, device, hours, spot, onDemand, fits }) => ({
      type,
      device,
      hours: `${duration(hours.low * 3600)} … ${duration(hours.high * 3600)}`,
      spot: moneyText(spot),
      onDemand: moneyText(onDemand),
      fits,
    })),
  };
}

function moneyText({ low, likely, high }: Range): string {
  return `about ${likely.toFixed(2)} (${low.toFixed(2)} … ${high.toFixed(2)})`;
}

function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
}
