/**
 * `npm run bench -- input [milliseconds of a step]`: how long a training step waits for its batch, as a share of the epoch:
 * with batches made when they are asked for, in one thread ahead of the step, and in several. The step only keeps its core
 * busy, so that every engine's can stand for it. The ways take turns.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { loadDataset } from "../src/dataset/open-dataset.ts";
import { needsPreparation } from "../src/plan/batch-buffers.ts";
import { listDatasets, planExperiment } from "../src/plan/plan-experiment.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import { resolveTrial } from "../src/plan/resolve-trial.ts";
import type { Dataset } from "../src/dataset/dataset.ts";
import { parseExperiment } from "../src/spec/parse-experiment.ts";
import { epochOrder } from "../trainer/data/epoch-order.ts";
import { type BatchPlace, createTrialBatches } from "../trainer/trial-batches.ts";

interface Waiting {
  readonly waitedMs: number;
  readonly epochMs: number;
}

const ways: readonly (readonly [name: string, place: BatchPlace])[] = [
  ["in the process", "process"],
  ["1 thread", "thread"],
  ["2 threads", { threads: 2 }],
  ["4 threads", { threads: 4 }],
];
const turns = 2;
const batchesPerTurn = 24;
const stepMs = Number(process.argv[2] ?? 15);
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-input-"));

const scenarios = [
  ["MNIST, plain", "mnist", ""],
  ["MNIST resized to 224×224", "mnist", "  preprocess: [{ resize: { height: 224, width: 224 } }]"],
  [
    "PNG folder 64×64, augmented",
    "{ format: images, folder: png }",
    "  augment: [{ flip: horizontal }, { rotate: { degrees: 15 } }, { shiftCrop: { padding: 4 } }]",
  ],
] as const;

try {
  await writePngFolder(path.join(folder, "png"));
  const results: Record<string, Record<string, { readonly waitingShare: number; readonly batchMs: number }>> = {};
  for (const [name, dataset, more] of scenarios) results[name] = await measure(name, dataset, more);
  const ratios = Object.fromEntries(
    Object.entries(results).map(([name, byWay]) => [
      `epoch in the process to epoch with a thread, ${name}`,
      Number(((byWay["in the process"]?.batchMs ?? 0) / (byWay["1 thread"]?.batchMs ?? 1)).toFixed(2)),
    ]),
  );
  console.log(
    JSON.stringify({
      benchmark: "input",
      node: process.version,
      cores: availableParallelism(),
      stepMs,
      results,
      ratios,
    }),
  );
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(name: string, dataset: string, more: string) {
  const { trial, loaded } = await planTrial(dataset, more);
  const runs = new Map<string, Waiting[]>(waysOf(trial).map(([way]) => [way, []]));
  for (let turn = 0; turn < turns; turn++)
    for (const [way, place] of waysOf(trial)) runs.get(way)?.push(await trainEpoch(trial, loaded, place));
  const byWay: Record<string, { readonly waitingShare: number; readonly batchMs: number }> = {};
  for (const [way, waits] of runs) {
    const shortest = waits.reduce((least, next) => (next.epochMs < least.epochMs ? next : least));
    const waitingShare = Number((shortest.waitedMs / shortest.epochMs).toFixed(3));
    const batchMs = Number((shortest.epochMs / batchesPerTurn).toFixed(1));
    byWay[way] = { waitingShare, batchMs };
    console.log(
      `${name}, ${way}: ${(100 * waitingShare).toFixed(1)} % waiting, ${batchMs} ms a batch of 64 (best of ${turns})`,
    );
  }
  return byWay;
}

/** What needs no preparation never gets more than one thread. */
function waysOf({ data }: ResolvedTrial): typeof ways {
  return needsPreparation(data.spec) ? ways : ways.slice(0, 2);
}

async function trainEpoch(trial: ResolvedTrial, dataset: Dataset, place: BatchPlace): Promise<Waiting> {
  const batches = createTrialBatches(trial, dataset, place);
  const order = epochOrder({ count: batches.train.exampleCount, seed: 1, epoch: 0, shuffle: true });
  const epoch = { number: 0, order };
  // The first batches start threads and warm up; they don't count.
  for (let index = 0; index < 4; index++) await batches.train.assemble(index, epoch);
  let waitedMs = 0;
  const begin = performance.now();
  for (let index = 4; index < 4 + batchesPerTurn; index++) {
    const asked = performance.now();
    await batches.train.assemble(index, epoch);
    waitedMs += performance.now() - asked;
    keepBusy(stepMs);
  }
  const epochMs = performance.now() - begin;
  await batches.close();
  return { waitedMs, epochMs };
}

function keepBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) Math.random();
}

async function planTrial(dataset: string, more: string): Promise<{ trial: ResolvedTrial; loaded: Dataset }> {
  const layers = "[flatten, { dense: { units: 10, activation: softmax } }]";
  const yaml = [
    "name: input",
    "data:",
    `  dataset: ${dataset}`,
    more,
    "model:",
    `  layers: ${layers}`,
    "training: { epochs: 1, batchSize: 64 }",
    "",
  ];
  const parsed = parseExperiment(yaml.join("\n"), "input.yaml");
  if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
  const [named] = listDatasets(parsed.experiment);
  if (named === undefined) throw new Error("no data set");
  const found = await loadDataset(named.spec, folder);
  if ("problems" in found) throw new Error(JSON.stringify(found.problems));
  const known = [{ spec: named.spec, dataset: found.dataset.manifest }];
  const planned = planExperiment(parsed.experiment, known, { packageVersion: "0", resultsVersion: 1 });
  if ("issues" in planned) throw new Error(JSON.stringify(planned.issues));
  return { trial: resolveTrial(planned.plan, 0), loaded: found.dataset };
}

/** Colour images with noise, which compress as badly as photographs: 10 classes, 3,000 images to learn from. */
async function writePngFolder(root: string): Promise<void> {
  let state = 1;
  for (const [part, perClass] of [
    ["train", 300],
    ["test", 5],
  ] as const) {
    for (let label = 0; label < 10; label++) {
      const classFolder = path.join(root, part, `class${label}`);
      mkdirSync(classFolder, { recursive: true });
      for (let index = 0; index < perClass; index++) {
        const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          return ((at >> 4) + (state >>> 27)) & 255;
        });
        await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
          .png()
          .toFile(path.join(classFolder, `${index}.png`));
      }
    }
  }
}
