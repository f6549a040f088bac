/**
 * `npm run bench -- epoch [--rounds=3] [--engines=tensorflow,wasm]`: a real MNIST epoch of the small CNN (48,000 images in
 * batches of 64, 12,000 held out, tested on 10,000), one thread. Ours as a trial trains it: data set read and checked, input
 * pipeline, steps, evaluation, test, record; against Keras' `fit` with validation data and `evaluate` on arrays in memory. Without
 * the start of the process on either side. They take turns.
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findMnistPackage } from "../src/dataset/open-mnist.ts";
import { findPeerPython, peersAreMissing } from "./peers/peer-folder.ts";
import { median } from "./peers/turns.ts";

/** What an epoch took. */
interface EpochTimes {
  readonly totalMs: number;
  /** Steps only; of Keras, all of `fit`. */
  readonly stepsMs: number;
  readonly evaluationMs?: number;
  /** On the test images. */
  readonly accuracy: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    engines: { type: "string", default: "tensorflow,wasm" },
  },
});
const python = findPeerPython(process.env);
if (python === undefined) console.log(peersAreMissing);
const mnist = findMnistPackage();
if ("problems" in mnist) throw new Error(JSON.stringify(mnist.problems));
const threads = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1", TF_CPP_MIN_LOG_LEVEL: "3" };
const env = { ...process.env, ...threads, MNIST_DIR: path.join(mnist.value, "data") };

const engines = values.engines.split(",");
const peers = new Map<string, () => EpochTimes>(engines.map((engine) => [engine, () => runOurs(engine)]));
if (python !== undefined) peers.set("keras", () => measure(python, [fileOf("keras_epoch.py")]));
const rounds = new Map<string, EpochTimes[]>([...peers.keys()].map((name) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, run] of peers) {
    const times = run();
    rounds.get(name)?.push(times);
    console.log(`${name}: ${(times.totalMs / 1000).toFixed(1)} s, test accuracy ${times.accuracy}`);
  }
}
const results = Object.fromEntries([...rounds].map(([name, each]) => [name, summarise(each)]));
const ratios = Object.fromEntries([...engines.flatMap(sharesOf), ...engines.flatMap(againstKeras)]);
for (const [name, ratio] of Object.entries(ratios)) console.log(`${name}: ${ratio}`);
console.log(JSON.stringify({ benchmark: "epoch", unit: "s", node: process.version, results, ratios }));

function summarise(each: readonly EpochTimes[]) {
  const seconds = each.map(({ totalMs }) => totalMs / 1000);
  return { medianSeconds: median(seconds), minSeconds: median([Math.min(...seconds)]), accuracy: each[0]?.accuracy };
}

/** What part of the time steps and evaluation are: the rest is reading data, making batches, and recording. */
function sharesOf(engine: string): (readonly [string, number])[] {
  const each = rounds.get(engine) ?? [];
  const share = (of: (times: EpochTimes) => number) => median(each.map((times) => of(times) / times.totalMs));
  return [
    [`${engine}: steps to all`, share(({ stepsMs }) => stepsMs)],
    [`${engine}: evaluation to all`, share(({ evaluationMs = 0 }) => evaluationMs)],
  ];
}

function againstKeras(engine: string): (readonly [string, number])[] {
  const [own, keras] = [results[engine], results["keras"]];
  if (own === undefined || keras === undefined) return [];
  return [
    [`${engine} to Keras`, Number((keras.medianSeconds / own.medianSeconds).toFixed(2))],
    [`${engine} to Keras by minima`, Number((keras.minSeconds / own.minSeconds).toFixed(2))],
  ];
}

function runOurs(engine: string): EpochTimes {
  return measure(process.execPath, [...process.execArgv, fileOf("engine-epoch.ts"), engine]);
}

function measure(command: string, parameters: readonly string[]): EpochTimes {
  const printed = execFileSync(command, parameters, { encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] });
  const times: unknown = JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "");
  if (isEpochTimes(times)) return times;
  throw new TypeError(`no times: ${printed.slice(-200)}`);
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(`peers/${name}`, import.meta.url));
}

function isEpochTimes(value: unknown): value is EpochTimes {
  return typeof value === "object" && value !== null && "totalMs" in value && "stepsMs" in value;
}
