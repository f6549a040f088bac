/**
 * `npm run bench -- sweep [--rounds=3] [--examples=60000] [--peers=optuna,ray]`: the 8 trials of bench/workloads/sweep.yaml
 * end to end, from the start of the process to its end, two workers on two cores, one thread each: ours with the native engine
 * against Optuna and Ray Tune around Keras. They take turns. Best accuracies and distinct trials are told on all sides.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findMnistPackage } from "../src/dataset/open-mnist.ts";
import { findPeerPython, peersAreMissing } from "./peers/peer-folder.ts";
import { median } from "./peers/turns.ts";

/** What a sweep came to. */
interface SweepOutcome {
  readonly trials: number;
  readonly distinct: number;
  /** Best test accuracy. */
  readonly best: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    examples: { type: "string", default: "60000" },
    peers: { type: "string", default: "optuna,ray" },
    engine: { type: "string", default: "tensorflow" },
  },
});
const python = findPeerPython(process.env);
if (python === undefined) console.log(peersAreMissing);
const mnist = findMnistPackage();
if ("problems" in mnist) throw new Error(JSON.stringify(mnist.problems));
const variables = {
  ...process.env,
  EXAMPLES: values.examples,
  MNIST_DIR: path.join(mnist.value, "data"),
  TF_CPP_MIN_LOG_LEVEL: "3",
};

const sweeps = new Map<string, () => Promise<SweepOutcome>>([["nightsweep", runOurs]]);
if (python !== undefined) {
  for (const peer of values.peers.split(",").filter(Boolean)) sweeps.set(peer, () => runPeer(python, peer));
}
const seconds = new Map<string, number[]>();
const outcomes = new Map<string, SweepOutcome>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, run] of sweeps) {
    const begin = performance.now();
    const outcome = await run();
    const elapsed = (performance.now() - begin) / 1000;
    seconds.set(name, [...(seconds.get(name) ?? []), elapsed]);
    outcomes.set(name, outcome);
    console.log(`${name}: ${elapsed.toFixed(1)} s, ${JSON.stringify(outcome)}`);
  }
}
const results = Object.fromEntries(
  [...seconds].map(([name, each]) => [
    name,
    { medianSeconds: median(each), minSeconds: Number(Math.min(...each).toFixed(2)), ...outcomes.get(name) },
  ]),
);
const ratios = Object.fromEntries([...ratiosOf("median", median), ...ratiosOf("minimum", (each) => Math.min(...each))]);
for (const [name, ratio] of Object.entries(ratios)) console.log(`${name}: ${ratio}`);
const conditions = { cores: availableParallelism(), examples: Number(values.examples), engine: values.engine };
console.log(JSON.stringify({ benchmark: "sweep", unit: "s", node: process.version, ...conditions, results, ratios }));

function ratiosOf(label: string, of: (each: readonly number[]) => number): (readonly [string, number])[] {
  const own = of(seconds.get("nightsweep") ?? []);
  const others = [...seconds].filter(([name]) => name !== "nightsweep");
  const each = others.map(([name, times]) => [name, of(times) / own] as const);
  const better =
    each.length === 0 ? [] : [["the better of them (target 3)", Math.min(...each.map(([, x]) => x))] as const];
  return [...each, ...better].map(([name, ratio]) => [`nightsweep to ${name}, ${label}`, Number(ratio.toFixed(2))]);
}

async function runOurs(): Promise<SweepOutcome> {
  const store = mkdtempSync(path.join(tmpdir(), "nightsweep-bench-"));
  const program = fileURLToPath(new URL("../bin/nightsweep.js", import.meta.url));
  const experiment = fileURLToPath(new URL("workloads/sweep.yaml", import.meta.url));
  const subset = values.examples === "60000" ? [] : ["--set", `data.subset.train={first: ${values.examples}}`];
  const flags = ["--engine", values.engine, "--workers", String(availableParallelism()), "--output", "json"];
  try {
    const said = await output(process.execPath, [program, "run", experiment, "--store", store, ...flags, ...subset]);
    const comparison: unknown = JSON.parse(said);
    if (!hasTrials(comparison)) throw new TypeError("no comparison was printed");
    const done = comparison.trials.filter(({ state }) => state === "finished");
    const distinct = new Set(done.map(({ values: point, seed }) => JSON.stringify([point, seed]))).size;
    return { trials: done.length, distinct, best: Math.max(...done.map(({ test }) => test?.accuracy ?? 0)) };
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

async function runPeer(program: string, name: string): Promise<SweepOutcome> {
  const file = fileURLToPath(new URL(`peers/${name}_sweep.py`, import.meta.url));
  const outcome: unknown = JSON.parse((await output(program, [file])).trimEnd().split("\n").at(-1) ?? "");
  if (!isOutcome(outcome)) throw new TypeError(`${name} gave no outcome`);
  return outcome;
}

function output(command: string, parameters: readonly string[]): Promise<string> {
  const child = spawn(command, parameters, { stdio: ["ignore", "pipe", "pipe"], env: variables });
  let [printed, said] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-2000)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(printed);
      else reject(new Error(`${command} ${parameters.slice(0, 2).join(" ")} ended with ${code}: ${said}`));
    });
  });
}

interface PrintedTrial {
  readonly state: string;
  readonly seed: number;
  readonly values: unknown;
  readonly test?: { readonly accuracy: number };
}

function hasTrials(value: unknown): value is { readonly trials: readonly PrintedTrial[] } {
  return typeof value === "object" && value !== null && "trials" in value && Array.isArray(value.trials);
}

function isOutcome(value: unknown): value is SweepOutcome {
  return typeof value === "object" && value !== null && "trials" in value && "distinct" in value && "best" in value;
}
