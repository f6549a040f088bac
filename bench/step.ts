/**
 * `npm run bench -- step [workload…] [--threads=1,2] [--turns=8] [--with=eager,stock]`: milliseconds of one training step
 * (forward, backward, Adam, figures read) with the native engine, with the embedded one (one thread) and with Keras'
 * `train_on_batch` and `fit` on the same TensorFlow. Each is in a process of its own; they take turns in one run, so that
 * all see the same noise. `eager` adds the native engine operation by operation, `stock` the WASM backend of TensorFlow.js as it
 * ships, `relaxed` and `composed` the embedded engine with relaxed SIMD (Node 22) and with stock kernels. VGG-13 is left out
 * for the embedded engine unless it is asked for by `--with=wasm`.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findPeerPython, peersAreMissing } from "./peers/peer-folder.ts";
import { measureInTurns, startPeer, type Peer, type Timing } from "./peers/turns.ts";
import { type StepWorkload, stepWorkloads } from "./workloads/step-workloads.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: "string", default: "1,2" },
    turns: { type: "string", default: "8" },
    with: { type: "string", default: "" },
  },
});
const python = findPeerPython(process.env);
const extras = values.with.split(",");
const threadCounts = values.threads.split(",").map(Number);
const chosen = stepWorkloads.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (chosen.length === 0) throw new RangeError(`workloads: ${stepWorkloads.map(({ name }) => name).join(", ")}`);
if (python === undefined) console.log(peersAreMissing);

const peers = startPeers();
const results: Record<string, unknown> = {};
const ratios: Record<string, number> = {};
for (const workload of chosen) {
  const taking = new Map([...peers].filter(([name]) => takesPart(name, workload)));
  const timings = await measureInTurns(taking, Number(values.turns), (name) => ({ ...workload, mode: modeOf(name) }));
  const title = `${workload.name} B${workload.batchSize}`;
  results[title] = Object.fromEntries(timings);
  console.log(`${title}, ms a step, median (minimum; on processors):`);
  for (const [name, { medianMs, minMs, cpuMs }] of timings) {
    console.log(`  ${name.padEnd(24)} ${medianMs} (${minMs}; ${cpuMs})`);
  }
  Object.assign(ratios, ratiosOf(title, workload, timings));
}
for (const { child } of peers.values()) child.kill();
for (const [name, ratio] of Object.entries(ratios)) console.log(`${name}: ${ratio}`);
console.log(JSON.stringify({ benchmark: "step", unit: "ms per step", node: process.version, results, ratios }));

/** All peers, by `<what> x<threads>`. */
function startPeers(): ReadonlyMap<string, Peer> {
  const ours = fileURLToPath(new URL("peers/engine-step.ts", import.meta.url));
  const keras = fileURLToPath(new URL("peers/keras_step.py", import.meta.url));
  const stock = fileURLToPath(new URL("peers/stock-step.ts", import.meta.url));
  const node = (file: string, parameters: readonly string[], threads: number) =>
    startPeer(process.execPath, [...process.execArgv, file, ...parameters], threads);
  const started = new Map<string, Peer>();
  for (const threads of threadCounts) {
    started.set(`native x${threads}`, node(ours, ["compiled", String(threads)], threads));
    if (python === undefined) continue;
    const peer = startPeer(python, [keras], threads);
    started.set(`train_on_batch x${threads}`, peer);
    started.set(`fit x${threads}`, peer);
  }
  if (extras.includes("eager")) started.set("eager x1", node(ours, ["eager", "1"], 1));
  if (extras.includes("relaxed")) started.set("relaxed wasm x1", node(ours, ["relaxed-simd"], 1));
  if (extras.includes("composed")) started.set("composed wasm x1", node(ours, ["stock"], 1));
  if (extras.includes("stock")) started.set("stock wasm x1", node(stock, [], 1));
  return started.set("wasm x1", node(ours, ["wasm", "1"], 1));
}

function takesPart(peer: string, { name }: StepWorkload): boolean {
  return name !== "VGG-13" || !peer.includes("wasm") || extras.includes("wasm");
}

function modeOf(peer: string): string | undefined {
  return peer.split(" ")[0];
}

/** How many times as fast we are as the better of Keras' two ways, with medians and with minima; and their targets. */
function ratiosOf(title: string, { target }: StepWorkload, timings: ReadonlyMap<string, Timing>) {
  const found: Record<string, number> = {};
  const note = (name: string, own: string, others: readonly string[]): void => {
    for (const [key, label] of [
      ["medianMs", ""],
      ["minMs", " by minima"],
      ["cpuMs", " by processor time"],
    ] as const) {
      const least = Math.min(...others.map((other) => timings.get(other)?.[key] ?? Infinity));
      const ratio = least / (timings.get(own)?.[key] ?? Number.NaN);
      if (Number.isFinite(ratio)) found[`${title} ${name}${label}`] = Number(ratio.toFixed(2));
    }
  };
  for (const threads of threadCounts) {
    const keras = [`train_on_batch x${threads}`, `fit x${threads}`];
    note(`native to Keras x${threads} (target ${target})`, `native x${threads}`, keras);
  }
  note("wasm to Keras x1", "wasm x1", ["train_on_batch x1", "fit x1"]);
  note("wasm to stock wasm", "wasm x1", ["stock wasm x1"]);
  note("native to eager", "native x1", ["eager x1"]);
  return found;
}
