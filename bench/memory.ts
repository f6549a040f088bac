/**
 * `npm run bench -- memory [steps]`: resident set of a worker by model, and its growth over many steps of a small one, on the
 * native engine too where it is installed.
 * Each is measured in a process of its own: some steps, an evaluation, the model saved and loaded again, as a trial does.
 * Beside the size of the engine's heap stands what the plan predicts of it.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findNativeEngine } from "../src/engine/native-folder.ts";
import { estimateWasmHeap } from "../src/plan/wasm-heap.ts";
import { openEngine } from "../trainer/engine/open-engine.ts";
import { createWasmEngine } from "../trainer/engine/wasm-engine.ts";
import { planWorkload, referenceWorkloads } from "./workloads/reference-workloads.ts";

const mebibytes = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;
const [command, parameter, engineName] = process.argv.slice(2);

if (command === "model") await measureModel(parameter ?? "");
else if (command === "growth")
  await measureGrowth(Number(parameter), engineName === "tensorflow" ? "tensorflow" : "wasm");
else compare(Number(command ?? 10_000));

function compare(steps: number): void {
  const models = Object.keys(referenceWorkloads).map((name) => inOwnProcess("model", name));
  const engines = findNativeEngine(process.env).isInstalled ? ["wasm", "tensorflow"] : ["wasm"];
  const growth = engines.map((engine) => inOwnProcess("growth", String(steps), engine));
  const ratios = Object.fromEntries(
    models.map(({ model, heap, predictedHeap }) => [
      `predicted to real heap, ${String(model)}`,
      ratio(predictedHeap, heap),
    ]),
  );
  console.log(JSON.stringify({ benchmark: "memory", node: process.version, unit: "MiB", models, growth, ratios }));
}

function ratio(first: unknown, second: unknown): number {
  return Number((Number(first) / Number(second)).toFixed(2));
}

function inOwnProcess(...parameters: readonly string[]): Readonly<Record<string, unknown>> {
  const file = fileURLToPath(import.meta.url);
  const node = ["--import", "tsx", "--expose-gc", file, ...parameters];
  const { stdout, stderr, status } = spawnSync(process.execPath, node, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const line = stdout.trim().split("\n").at(-1) ?? "";
  console.log(line);
  return JSON.parse(line);
}

async function measureModel(name: string): Promise<void> {
  const { trial, request, batch } = planWorkload(name);
  const engine = await createWasmEngine();
  const model = engine.buildModel({ ...request, seed: 1 });
  const steps = trial.model.multiplyAdds > 1e8 ? 2 : 20;
  for (let step = 0; step < steps; step++) model.trainStep(batch, { step, learningRate: 1e-4 });
  model.drainSteps();
  model.predict(batch);
  const predictor = await engine.loadModel(model.save(model.readEvaluatedWeights()), request.loss);
  predictor.predict(batch);
  const evaluation = { ...trial.evaluation, batchSize: batch.size };
  const figures = {
    model: name,
    parameters: trial.model.parameterCount,
    rss: mebibytes(process.memoryUsage.rss()),
    peakRss: mebibytes(process.resourceUsage().maxRSS * 1024),
    heap: mebibytes(engine.heapBytes?.() ?? 0),
    predictedHeap: mebibytes(estimateWasmHeap({ ...trial, evaluation }).bytes),
  };
  console.log(JSON.stringify(figures));
}

/** Growth is counted from the second of ten readings on: before it, code and buffers settle. */
async function measureGrowth(steps: number, engineChoice: "wasm" | "tensorflow"): Promise<void> {
  const name = "MLP B64";
  const { request, batch } = planWorkload(name);
  const opened = await openEngine(engineChoice, { variables: process.env, threads: 1 });
  if ("problem" in opened) throw new Error(opened.problem);
  const { engine } = opened;
  const model = engine.buildModel({ ...request, seed: 1 });
  const readings = [];
  for (let step = 0; step < steps; step++) {
    model.trainStep(batch, { step, learningRate: 1e-4 });
    if ((step + 1) % 50 === 0) model.drainSteps();
    if ((step + 1) % Math.ceil(steps / 10) !== 0) continue;
    globalThis.gc?.();
    const rss = process.memoryUsage.rss();
    readings.push({ rss, tensors: engine.tensorCount(), heap: engine.heapBytes?.() ?? 0 });
  }
  const [begin, end] = [readings[1], readings.at(-1)];
  if (begin === undefined || end === undefined) throw new RangeError(`${steps} steps are too few`);
  const figures = {
    engine: engineChoice,
    model: name,
    steps,
    rss: readings.map(({ rss }) => mebibytes(rss)),
    rssGrowth: mebibytes(end.rss - begin.rss),
    heapGrowth: mebibytes(end.heap - begin.heap),
    tensorGrowth: end.tensors - begin.tensors,
  };
  console.log(JSON.stringify(figures));
}
