// `engine-epoch.ts <engine>`: our peer of `npm run bench -- epoch`: one epoch as a trial trains it, in a process of its own;
// the last line says how long it took and what of it were steps, evaluation, and the rest.
import { TrialRunner } from "../../trainer/trial-runner.ts";
import { systemClock } from "../../trainer/clock.ts";
import { DatasetCache } from "../../trainer/dataset-cache.ts";
import type { Engine, EngineModel } from "../../trainer/engine/engine.ts";
import { openEngine } from "../../trainer/engine/open-engine.ts";
import { chosenEngine, createBenchRun } from "../workloads/bench-run.ts";

const name = chosenEngine(process.argv[2]) === "wasm" ? "wasm" : "tensorflow";
const opened = await openEngine(name, { variables: process.env, threads: 1 });
if ("problem" in opened) throw new Error(opened.problem);
const spent = { stepsMs: 0, evaluationMs: 0, steps: [] as number[] };

const run = await createBenchRun("cnn-mnist.yaml", [
  "training.epochs=1",
  "data.validation.fraction=0.2",
  "training.batchSize=64",
]);
const runner = new TrialRunner({
  ...run,
  engine: timed(opened.engine),
  datasets: new DatasetCache(run.dataRoot),
  clock: systemClock,
  log: () => undefined,
  logError: (text) => console.error(text),
});
const begin = performance.now();
const outcome = await runner.run(0, 1, { stop: new AbortController().signal, onProgress: () => undefined });
const totalMs = performance.now() - begin;
if (outcome.type !== "finished") throw new Error(JSON.stringify(outcome));
const record = await run.store.get((await run.store.list("")).find((key) => key.endsWith("/result.json")) ?? "");
const result: { readonly test: { readonly accuracy: number } } = JSON.parse(new TextDecoder().decode(record));
console.log(
  JSON.stringify({
    totalMs,
    stepsMs: spent.stepsMs,
    evaluationMs: spent.evaluationMs,
    steps: spent.steps.length,
    accuracy: result.test.accuracy,
  }),
);

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
