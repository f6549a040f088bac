// What a trial costs besides its training: trials that train nothing, through the local executor, worker processes and a
// store in a folder. Run: npm run bench -- bookkeeping [trials …] [--ray=200], default 1000 10000; flatness is told from
// 1000 50000. With --ray also what Ray Tune takes for so many trials that train nothing, in all.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runProgram } from "../src/engine/run-program.ts";
import { runExperiment } from "../src/orchestrate/run-experiment.ts";
import { findPeerPython, peersAreMissing } from "./peers/peer-folder.ts";
import { planExperiment, listDatasets } from "../src/plan/plan-experiment.ts";
import type { Plan, PlannedDataset } from "../src/plan/plan.ts";
import { openStore } from "../src/record/open-store.ts";
import { parseExperiment } from "../src/spec/parse-experiment.ts";

const workers = 2;
const trainerEntry = fileURLToPath(new URL("bookkeeping/no-op-trainer.ts", import.meta.url));
const mnist: PlannedDataset = {
  name: "mnist",
  sha256: "0".repeat(64),
  imageShape: [28, 28, 1],
  classCount: 10,
  classNames: Array.from({ length: 10 }, (_, index) => String(index)),
  trainExamples: 60_000,
  testExamples: 10_000,
};

function planOf(trials: number): Plan {
  const rates = Array.from({ length: Math.ceil(trials / 10) }, (_, index) => (index + 1) / 2 ** 17);
  const experiment = {
    name: "no-op",
    data: { dataset: "mnist" },
    model: { layers: ["flatten", { dense: { units: 10, activation: "softmax" } }] },
    training: { epochs: 1 },
    sweep: { grid: { "training.optimizer.learningRate": rates }, seeds: 10, maxTrials: 100_000 },
  };
  const parsed = parseExperiment(JSON.stringify(experiment), "no-op.yaml");
  if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
  const datasets = listDatasets(parsed.experiment).map(({ spec }) => ({ spec, dataset: mnist }));
  const planned = planExperiment(parsed.experiment, datasets, { packageVersion: "0.1.0", resultsVersion: 1 });
  if ("issues" in planned) throw new Error(JSON.stringify(planned.issues));
  return planned.plan;
}

/**
 * Processor time of this process and of its workers that have ended, in ms: it hardly depends on what else the machine
 * does. Without /proc that of this process alone.
 */
function processorMs(): number {
  try {
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
    // utime, stime, cutime and cstime of proc(5), in hundredths of a second.
    return 10 * fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}

/** Seconds of a whole run, and of its middle: from the first trial that finished to the last. */
async function measure(trials: number) {
  const plan = planOf(trials);
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-bookkeeping-"));
  const begin = performance.now();
  const processorBegin = processorMs();
  const finishes: number[] = [];
  try {
    const never = new AbortController().signal;
    const records = await runExperiment({
      plan,
      experimentFile: path.join(folder, "no-op.yaml"),
      dataRoot: folder,
      trainerEntry,
      workers,
      store: openStore(folder),
      storeLocation: folder,
      isCacheUsed: true,
      flags: {},
      stop: never,
      kill: never,
      observer: {
        onOpen: () => undefined,
        onStop: () => undefined,
        onEvent: ({ type }) => void (type === "finished" && finishes.push(performance.now())),
      },
    });
    const unfinished = records.trials.filter(({ state }) => state.type !== "finished").length;
    if (unfinished > 0) throw new Error(`${unfinished} trials are not finished`);
    const seconds = (performance.now() - begin) / 1000;
    const middle = ((finishes.at(-1) ?? 0) - (finishes[0] ?? 0)) / (finishes.length - 1);
    const endSeconds = (performance.now() - (finishes.at(-1) ?? 0)) / 1000;
    const processorMsPerTrial = (processorMs() - processorBegin) / trials;
    const peakMebibytes = Math.round(process.resourceUsage().maxRSS / 1024);
    return {
      trials,
      seconds,
      msPerTrial: (1000 * seconds) / trials,
      msBetweenTrials: middle,
      processorMsPerTrial,
      endSeconds,
      peakMebibytes,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ray's time is that of the whole process: it starts with the import of the library, as people see it. */
async function measureRay(trials: number) {
  const python = findPeerPython(process.env);
  if (python === undefined) throw new Error(peersAreMissing);
  const script = fileURLToPath(new URL("peers/ray_sweep.py", import.meta.url));
  const begin = performance.now();
  const printed = await runProgram("env", [`NOOP=${trials}`, python, script]);
  const seconds = (performance.now() - begin) / 1000;
  if (!printed.includes(`"distinct": ${trials},`)) throw new Error(`Ray printed ${printed}`);
  return { trials, seconds, msPerTrial: (1000 * seconds) / trials };
}

const { values, positionals } = parseArgs({ options: { ray: { type: "string" } }, allowPositionals: true });
const given = positionals.map(Number);
const sizes = given.length > 0 && given.every((size) => Number.isInteger(size) && size > 0) ? given : [1000, 10_000];
const figures = [];
for (const size of sizes) {
  const figure = await measure(size);
  figures.push(figure);
  console.log(
    `${figure.trials} trials: ${figure.seconds.toFixed(1)} s, ${figure.msPerTrial.toFixed(2)} ms a trial ` +
      `(${figure.msBetweenTrials.toFixed(2)} ms from one to the next, processor time ${figure.processorMsPerTrial.toFixed(2)} ms), ${figure.endSeconds.toFixed(1)} s at the end, ` +
      `orchestrator's peak ${figure.peakMebibytes} MiB`,
  );
}
const ray = values.ray === undefined ? undefined : await measureRay(Number(values.ray));
if (ray !== undefined)
  console.log(`Ray Tune, ${ray.trials} trials: ${ray.seconds.toFixed(1)} s, ${ray.msPerTrial} ms a trial`);
const perTrial = figures.map(({ msPerTrial }) => msPerTrial);
console.log(JSON.stringify({ workers, figures, ray, growth: Math.max(...perTrial) / Math.min(...perTrial) }));
