/**
 * `npm run bench -- start [engine]`: from the start of a worker process to the end of its first training step, as an
 * executor starts it; the small CNN on MNIST, data set loaded and checked on the way. Medians and minima of 9 starts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { channelWorkerVariables, engineChoices } from "../src/contract/trainer-environment.ts";
import { WorkerProcess } from "../src/execute/worker-process.ts";
import { openStore } from "../src/record/open-store.ts";
import { type BenchRun, chosenEngine, createBenchRun, medianOf } from "./workloads/bench-run.ts";

const trainer = fileURLToPath(new URL("../dist/trainer/main.js", import.meta.url));
const name = chosenEngine(process.argv[2]);
const engine = engineChoices.find((choice) => choice === name);
if (engine === undefined) throw new RangeError(`there is no engine ${name}`);
const starts = 9;

const ready: number[] = [];
const firstStep: number[] = [];
for (let start = 0; start < starts; start++) {
  const location = mkdtempSync(path.join(tmpdir(), "nightsweep-start-"));
  try {
    // One step: it is the last one, so that its figures are told at once.
    const run = await createBenchRun(
      "cnn-mnist.yaml",
      ["training.epochs=null", "training.steps=1"],
      openStore(location),
    );
    const times = await measureStart(run, location);
    ready.push(times.readyMs);
    firstStep.push(times.firstStepMs);
  } finally {
    rmSync(location, { recursive: true });
  }
}
const results = {
  readyMs: { median: medianOf(ready), min: Math.round(Math.min(...ready)) },
  firstStepMs: { median: medianOf(firstStep), min: Math.round(Math.min(...firstStep)) },
};
console.log(
  `${engine}: ready after ${results.readyMs.median} ms (min ${results.readyMs.min}), first step after ${results.firstStepMs.median} ms (min ${results.firstStepMs.min})`,
);
const ratios = { "first step to ready": Number((results.firstStepMs.median / results.readyMs.median).toFixed(2)) };
console.log(JSON.stringify({ benchmark: "start", node: process.version, engine, unit: "ms", results, ratios }));

async function measureStart({ planKey, dataRoot }: BenchRun, store: string) {
  const begin = performance.now();
  const environment = { ...process.env, ...channelWorkerVariables({ store, planKey, dataRoot, engine }) };
  const worker = new WorkerProcess({ trainer, environment, nodeOptions: [] });
  if (!(await worker.ready)) throw new Error(`the worker did not start with the engine ${engine}`);
  const readyMs = performance.now() - begin;
  const firstStepMs = await new Promise<number>((resolve, reject) => {
    worker.onMessage = ({ type }) => {
      if (type === "progress") resolve(performance.now() - begin);
      if (type === "failed") reject(new Error("the trial failed"));
    };
    worker.send({ type: "run", trialIndex: 0, attempt: 1 });
  });
  worker.kill();
  await worker.ended;
  return { readyMs, firstStepMs };
}
