/**
 * `npm run bench -- steps-per-call [N,N,…]`: steps per second of whole trainings on real MNIST on the native engine, with one step
 * a call on given images and with N steps a call on images that it keeps (`resources.stepsPerCall`). The second of two epochs
 * counts: before it the model is compiled and the images are handed over. They take turns.
 */
import { trialFiles } from "../src/contract/object-keys.ts";
import { DatasetCache } from "../trainer/dataset-cache.ts";
import { systemClock } from "../trainer/clock.ts";
import { openEngine } from "../trainer/engine/open-engine.ts";
import { TrialRunner } from "../trainer/trial-runner.ts";
import { median } from "./peers/turns.ts";
import { createBenchRun } from "./workloads/bench-run.ts";

const calls = [1, ...(process.argv[2] ?? "4,16").split(",").map(Number)];
const turns = 3;
const workloads = [
  { name: "MLP B64", file: "mlp-mnist.yaml", batchSize: 64 },
  { name: "CNN B64", file: "cnn-mnist.yaml", batchSize: 64 },
  { name: "LeNet-5 B500", file: "lenet5-mnist.yaml", batchSize: 500 },
] as const;

const opened = await openEngine("tensorflow", { variables: process.env, threads: 1 });
if ("problem" in opened) throw new Error(opened.problem);
const { engine } = opened;
const datasets = new DatasetCache(process.cwd());

const results: Record<string, Record<string, { readonly stepsPerSecond: number; readonly steps: string }>> = {};
for (const { name, file, batchSize } of workloads) {
  const measured = new Map(calls.map((steps) => [steps, [] as Measured[]]));
  for (let turn = 0; turn < turns; turn++)
    for (const steps of calls) measured.get(steps)?.push(await train(file, batchSize, steps));
  results[name] = Object.fromEntries(
    [...measured].map(([steps, each]) => {
      const stepsPerSecond = median(each.map((one) => one.stepsPerSecond));
      console.log(`${name}, ${steps} a call: ${stepsPerSecond} steps per second (${each[0]?.mode})`);
      return [steps, { stepsPerSecond, steps: each[0]?.mode ?? "" }];
    }),
  );
}
const ratios = Object.fromEntries(
  Object.entries(results).flatMap(([name, each]) =>
    calls
      .slice(1)
      .map((steps) => [
        `${name}: ${steps} steps a call to 1`,
        Number(((each[steps]?.stepsPerSecond ?? NaN) / (each[1]?.stepsPerSecond ?? NaN)).toFixed(2)),
      ]),
  ),
);
const device = engine.details?.["device"];
console.log(JSON.stringify({ benchmark: "steps-per-call", node: process.version, device, results, ratios }));

interface Measured {
  readonly stepsPerSecond: number;
  /** How the record says that steps were computed. */
  readonly mode: string;
}

async function train(file: string, batchSize: number, stepsPerCall: number): Promise<Measured> {
  const settings = ["training.epochs=2", `training.batchSize=${batchSize}`, `resources.stepsPerCall=${stepsPerCall}`];
  const run = await createBenchRun(file, settings);
  const parts = { ...run, engine, datasets, clock: systemClock, log: () => undefined, logError: console.error };
  const outcome = await new TrialRunner(parts).run(0, 1, {
    stop: new AbortController().signal,
    onProgress: () => undefined,
  });
  if (outcome.type !== "finished") throw new Error(JSON.stringify(outcome));
  const timings = (await readText(run, trialFiles.timings)).trim().split("\n");
  const second: { readonly examplesPerSecond: number } = JSON.parse(timings[1] ?? "");
  const environment: { readonly engineDetails: { readonly steps: string } } = JSON.parse(
    await readText(run, trialFiles.environment),
  );
  return { stepsPerSecond: second.examplesPerSecond / batchSize, mode: environment.engineDetails.steps };
}

async function readText({ store }: Awaited<ReturnType<typeof createBenchRun>>, name: string): Promise<string> {
  const key = (await store.list("")).find((each) => each.endsWith(`/${name}`));
  return new TextDecoder().decode(await store.get(key ?? ""));
}
