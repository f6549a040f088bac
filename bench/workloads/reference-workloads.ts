import { readFileSync } from "node:fs";
import type { ResolvedTrial } from "../../src/plan/plan.ts";
import { listDatasets, planExperiment } from "../../src/plan/plan-experiment.ts";
import { resolveTrial } from "../../src/plan/resolve-trial.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import type { Batch, ModelRequest } from "../../trainer/engine/engine.ts";

/** A published network with the batch size that it is measured with. */
interface ReferenceWorkload {
  /** In experiments/reference. */
  readonly file: string;
  readonly batchSize: number;
  readonly imageShape: readonly [number, number, number];
  readonly classCount: number;
}

const mnist = { imageShape: [28, 28, 1], classCount: 10 } as const;
const cifar100 = { imageShape: [32, 32, 3], classCount: 100 } as const;

/** By name. */
export const referenceWorkloads: Readonly<Record<string, ReferenceWorkload>> = {
  "MLP B64": { file: "mlp-mnist.yaml", batchSize: 64, ...mnist },
  "CNN B64": { file: "cnn-mnist.yaml", batchSize: 64, ...mnist },
  "LeNet-5 B500": { file: "lenet5-mnist.yaml", batchSize: 500, ...mnist },
  "VGG-13 B16": { file: "vgg13-cifar100.yaml", batchSize: 16, ...cifar100 },
};

/** A workload that is planned: no data set is needed. */
export interface PlannedWorkload {
  readonly trial: ResolvedTrial;
  readonly request: Omit<ModelRequest, "seed">;
  readonly batch: Batch;
}

/**
 * Plans a workload and draws a batch for it.
 * @throws RangeError if there is none of that name
 */
export function planWorkload(name: string): PlannedWorkload {
  const workload = referenceWorkloads[name];
  if (workload === undefined)
    throw new RangeError(`no workload ${name}, but ${Object.keys(referenceWorkloads).join(", ")}`);
  const { file, batchSize, imageShape, classCount } = workload;
  const text = readFileSync(new URL(`../../experiments/reference/${file}`, import.meta.url), "utf8");
  const parsed = parseExperiment(text, file);
  if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
  const classNames = Array.from({ length: classCount }, (_, index) => String(index));
  const facts = { name: "drawn", sha256: "0".repeat(64), trainExamples: 60_000, testExamples: 10_000 };
  const dataset = { ...facts, imageShape: [...imageShape] as const, classCount, classNames };
  const datasets = listDatasets(parsed.experiment).map(({ spec }) => ({ spec, dataset }));
  const planned = planExperiment(parsed.experiment, datasets, { packageVersion: "0", resultsVersion: 1 });
  if ("issues" in planned) throw new Error(JSON.stringify(planned.issues));
  const resolved = resolveTrial(planned.plan, 0);
  const trial = { ...resolved, training: { ...resolved.training, batchSize } };
  const { loss, optimizer, gradientClipping, ema } = trial.training;
  return {
    trial,
    request: { model: trial.model, loss, optimizer, gradientClipping, ema },
    batch: drawBatch(batchSize, imageShape, classCount),
  };
}

function drawBatch(size: number, imageShape: readonly number[], classCount: number): Batch {
  const pixels = imageShape.reduce((product, length) => product * length, size);
  return {
    size,
    images: Float32Array.from({ length: pixels }, (_, index) => ((index * 7919) % 256) / 255),
    labels: Int32Array.from({ length: size }, (_, index) => index % classCount),
  };
}
