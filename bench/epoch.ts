/**
 * `npm run bench -- epoch [engine]`: a real MNIST epoch of the small CNN as a trial trains it: input pipeline, 750 steps of
 * 64, evaluation on the validation part, test and record. How much of the time are steps, evaluation, and the rest.
 */
import { resolveTrial } from "../src/plan/resolve-trial.ts";
import { TrialRunner } from "../trainer/trial-runner.ts";
import { systemClock } from "../trainer/clock.ts";
import { DatasetCache } from "../trainer/dataset-cache.ts";
import type { Engine, EngineModel } from "../trainer/engine/engine.ts";
import { createWasmEngine } from "../trainer/engine/wasm-engine.ts";
import { chosenEngine, createBenchRun, medianOf } from "./workloads/bench-run.ts";

const name = chosenEngine(process.argv[2]);
if (name !== "wasm") throw new RangeError(`this bench has no engine ${name}`);
const spent = { stepsMs: 0, evaluationMs: 0, steps: [] as number[] };

const run = await createBenchRun("cnn-mnist.yaml", [
  "training.epochs=1",
  "data.validation.fraction=0.2",
  "training.batchSize=64",
]);
const runner = new TrialRunner({
  ...run,
  engine: timed(await createWasmEngine()),
  datasets: new DatasetCache(run.dataRoot),
  clock: systemClock,
  log: (line) => console.log(line),
  logError: (text) => console.error(text),
});
const begin = performance.now();
const outcome = await runner.run(0, 1, { stop: new AbortController().signal, onProgress: () => undefined });
const totalMs = performance.now() - begin;
if (outcome.type !== "finished") throw new Error(JSON.stringify(outcome));
const share = (ms: number): number => Number((ms / totalMs).toFixed(3));
const results = {
  trial: resolveTrial(await runner.plan(), 0).id,
  totalSeconds: Number((totalMs / 1000).toFixed(1)),
  stepCount: spent.steps.length,
  stepMs: { median: medianOf(spent.steps), min: Number(Math.min(...spent.steps).toFixed(1)) },
};
const ratios = {
  "steps to all": share(spent.stepsMs),
  "evaluation to all": share(spent.evaluationMs),
  "rest to all": share(totalMs - spent.stepsMs - spent.evaluationMs),
};
console.log(JSON.stringify({ benchmark: "epoch", node: process.version, engine: name, results, ratios }));

/** The engine with a stopwatch at what takes time. */
function timed(engine: Engine): Engine {
  return {
    ...engine,
    buildModel: (request) => timedModel(engine.buildModel(request)),
    loadModel: async (saved, loss) => {
      const predictor = await engine.loadModel(saved, loss);
      return {
        predict: (batch) => whileEvaluating(() => predictor.predict(batch)),
        dispose: () => predictor.dispose(),
      };
    },
  };
}

function timedModel(model: EngineModel): EngineModel {
  return {
    trainStep(batch, options) {
      const start = performance.now();
      model.trainStep(batch, options);
      spent.steps.push(performance.now() - start);
      spent.stepsMs += performance.now() - start;
    },
    predict: (batch) => whileEvaluating(() => model.predict(batch)),
    drainSteps: () => model.drainSteps(),
    readState: () => model.readState(),
    writeState: (state) => model.writeState(state),
    readEvaluatedWeights: () => model.readEvaluatedWeights(),
    save: (weights) => model.save(weights),
    dispose: () => model.dispose(),
  };
}

function whileEvaluating<Result>(act: () => Result): Result {
  const start = performance.now();
  const result = act();
  spent.evaluationMs += performance.now() - start;
  return result;
}
