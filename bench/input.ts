/**
 * `npm run bench -- input [auto|tensorflow|wasm]`: how long training steps wait for their batches, as a share
 * of the epoch, with steps of a real model on a real engine: batches made when they are asked for, in one thread ahead of the
 * step, and in two; in the first epoch, and in one whose prepared images were kept. Beside it what an image costs the processor.
 * The ways take turns.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { engineChoices } from "../src/contract/trainer-environment.ts";
import type { Dataset } from "../src/dataset/dataset.ts";
import { loadDataset } from "../src/dataset/open-dataset.ts";
import { needsPreparation } from "../src/plan/batch-buffers.ts";
import { listDatasets, planExperiment } from "../src/plan/plan-experiment.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import { resolveTrial } from "../src/plan/resolve-trial.ts";
import { parseExperiment } from "../src/spec/parse-experiment.ts";
import { epochOrder } from "../trainer/data/epoch-order.ts";
import { openEngine } from "../trainer/engine/open-engine.ts";
import { type BatchPlace, createTrialBatches } from "../trainer/trial-batches.ts";

/** An epoch's times. */
interface EpochTimes {
  readonly waitedMs: number;
  readonly epochMs: number;
}

const ways: readonly (readonly [name: string, place: BatchPlace])[] = [
  ["in the process", "process"],
  ["1 thread", "thread"],
  ["2 threads", { threads: 2 }],
];
const turns = 3;
const batchSize = 64;
const batchCount = 16;
const cnn = "{ conv2d: { filters: 16, kernelSize: 3, activation: relu } }, { maxPooling2d: { poolSize: 2 } }";
const stridedCnn =
  "{ conv2d: { filters: 16, kernelSize: 7, strides: 4, activation: relu } }, { maxPooling2d: { poolSize: 2 } }";

interface Scenario {
  readonly name: string;
  readonly dataset: string;
  readonly classCount: number;
  /** Of the model, before a dense layer. */
  readonly layers: string;
  readonly preparation: readonly string[];
}

const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-input-"));
const scenarios: readonly Scenario[] = [
  { name: "MNIST, plain", dataset: "mnist", classCount: 10, layers: cnn, preparation: [] },
  {
    name: "MNIST resized to 224×224",
    dataset: "mnist",
    classCount: 10,
    layers: stridedCnn,
    preparation: ["preprocess: [{ resizeWithPad: { height: 224, width: 224 } }]"],
  },
  {
    name: "32×32 in colour, standardised, flipped, shifted",
    dataset: "{ format: cifar100, folder: cifar }",
    classCount: 100,
    layers: cnn,
    preparation: ["scale: standardize", "augment: [{ flip: horizontal }, { shiftCrop: { padding: 4 } }]"],
  },
  {
    name: "64×64 PNG files, flipped, turned, shifted",
    dataset: "{ format: images, folder: png }",
    classCount: 10,
    layers: cnn,
    preparation: ["augment: [{ flip: horizontal }, { rotate: { degrees: 15 } }, { shiftCrop: { padding: 4 } }]"],
  },
];

const choice = engineChoices.find((name) => name === (process.argv[2] ?? "auto"));
if (choice === undefined) throw new RangeError(`there is no engine ${process.argv[2]}`);
const opened = await openEngine(choice, { variables: process.env, threads: 1 });
if ("problem" in opened) throw new Error(opened.problem);
const { engine } = opened;
try {
  writeCifar(path.join(folder, "cifar"));
  await writePngFolder(path.join(folder, "png"));
  const results = [];
  for (const scenario of scenarios) results.push(await measure(scenario));
  const ratios = Object.fromEntries(
    results.flatMap(({ name, ways }) =>
      Object.entries(ways).map(([way, { laterWaiting }]) => [`waiting to epoch, ${name}, ${way}`, laterWaiting]),
    ),
  );
  const cores = availableParallelism();
  console.log(
    JSON.stringify({ benchmark: "input", node: process.version, engine: engine.name, cores, results, ratios }),
  );
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(scenario: Scenario) {
  const { name } = scenario;
  const { trial, dataset } = await planTrial(scenario);
  const runs = waysOf(trial).map(([way, place]) => ({
    way,
    place,
    first: [] as EpochTimes[],
    later: [] as EpochTimes[],
  }));
  for (let turn = 0; turn < turns; turn++) {
    for (const { place, first, later } of runs) {
      // Another object: nothing that was kept is taken over.
      const [cold, warm] = await trainEpochs(trial, { ...dataset }, place);
      first.push(cold);
      later.push(warm);
    }
  }
  const byWay = Object.fromEntries(
    runs.map(({ way, first, later }) => {
      const [firstWaiting, laterWaiting] = [waitingShare(first), waitingShare(later)];
      const batchMs = Number((Math.min(...later.map(({ epochMs }) => epochMs)) / batchCount).toFixed(2));
      console.log(
        `${name}, ${way}: waits ${percent(firstWaiting)} of the first epoch, ${percent(laterWaiting)} of a later one, ${batchMs} ms a step with its batch`,
      );
      return [way, { firstWaiting, laterWaiting, batchMs }];
    }),
  );
  const [alone] = runs;
  const costs = { firstImageUs: imageCost(alone?.first ?? []), laterImageUs: imageCost(alone?.later ?? []) };
  const stepMs = Number(
    Math.min(...(alone?.later ?? []).map((times) => (times.epochMs - times.waitedMs) / batchCount)).toFixed(2),
  );
  console.log(`${name}: an image takes ${costs.firstImageUs} µs, later ${costs.laterImageUs} µs; a step ${stepMs} ms`);
  return { name, stepMs, ...costs, ways: byWay };
}

/** Of the epoch with the smallest share. */
function waitingShare(epochs: readonly EpochTimes[]): number {
  return Number(Math.min(...epochs.map(({ waitedMs, epochMs }) => waitedMs / epochMs)).toFixed(3));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Microseconds for an image, where nothing is made ahead. */
function imageCost(epochs: readonly EpochTimes[]): number {
  return Number(((1000 * Math.min(...epochs.map(({ waitedMs }) => waitedMs))) / batchCount / batchSize).toFixed(1));
}

/** What needs no preparation never gets a thread. */
function waysOf({ data }: ResolvedTrial): typeof ways {
  return needsPreparation(data.spec) ? ways : ways.slice(0, 1);
}

/** Trains the first epoch and one more. */
async function trainEpochs(
  trial: ResolvedTrial,
  dataset: Dataset,
  place: BatchPlace,
): Promise<[EpochTimes, EpochTimes]> {
  const { model: planned, training, seed } = trial;
  const { loss, optimizer } = training;
  const model = engine.buildModel({ model: planned, loss, optimizer, seed });
  const batches = createTrialBatches(trial, dataset, place);
  const count = batches.train.exampleCount;
  const trainEpoch = async (number: number): Promise<EpochTimes> => {
    const epoch = { number, order: epochOrder({ count, seed, epoch: number, shuffle: true }) };
    let waitedMs = 0;
    let begin = performance.now();
    for (let index = 0; index < batches.train.count; index++) {
      // Before these, threads start and the model is compiled.
      if (index === batches.train.count - batchCount) [begin, waitedMs] = [performance.now(), 0];
      const asked = performance.now();
      const batch = await batches.train.assemble(index, epoch);
      waitedMs += performance.now() - asked;
      model.trainStep(batch, { step: number * batches.train.count + index, learningRate: 1e-4 });
      model.drainSteps();
    }
    return { waitedMs, epochMs: performance.now() - begin };
  };
  const times: [EpochTimes, EpochTimes] = [await trainEpoch(0), await trainEpoch(1)];
  await batches.close();
  model.dispose();
  return times;
}

async function planTrial({
  dataset,
  classCount,
  layers,
  preparation,
}: Scenario): Promise<{ trial: ResolvedTrial; dataset: Dataset }> {
  const yaml = [
    "name: input",
    "data:",
    `  dataset: ${dataset}`,
    `  subset: { train: { random: ${(batchCount + 4) * batchSize} } }`,
    ...preparation.map((line) => `  ${line}`),
    "model:",
    `  layers: [${layers}, flatten, { dense: { units: ${classCount}, activation: softmax } }]`,
    `training: { epochs: 2, batchSize: ${batchSize} }`,
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
  return { trial: resolveTrial(planned.plan, 0), dataset: found.dataset };
}

/** Images of noise in CIFAR-100's layout. */
function writeCifar(root: string): void {
  mkdirSync(root, { recursive: true });
  const record = 2 + 32 * 32 * 3;
  for (const [name, count] of [
    ["train", 2000],
    ["test", 100],
  ] as const) {
    const records = Uint8Array.from({ length: count * record }, (_, at) => Math.imul(at, 0x9e3779b1) >>> 24);
    for (let index = 0; index < count; index++) records.set([index % 20, index % 100], index * record);
    writeFileSync(path.join(root, `${name}.bin`), records);
  }
}

/** Colour images with noise, which compress as badly as photographs: 10 classes, 2,000 images to learn from. */
async function writePngFolder(root: string): Promise<void> {
  let state = 1;
  for (const [part, perClass] of [
    ["train", 200],
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
