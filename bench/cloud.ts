// `npm run bench -- cloud [trials] [trials per job]`: what orchestrating a large run on AWS takes, with the synthesised
// state machine, the fake Batch and trainers that do nothing. Times are this machine's; prices are list prices.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { bundleFunction } from "../infra/bundle-function.ts";
import { NoOpContainers } from "../infra/local/no-op-containers.ts";
import { startCloudTwin } from "../infra/local/cloud-twin.ts";
import { synthTo } from "../infra/synth.ts";
import type { Deployment } from "../src/contract/deployment.ts";
import { cloudFunctions, type PlanEvent, type RunStep } from "../src/contract/run-machine.ts";
import type { CloudParts } from "../src/orchestrate/cloud/cloud-parts.ts";
import { confirmStep } from "../src/orchestrate/cloud/confirm-step.ts";
import { benchmarkGate } from "../src/orchestrate/cloud/benchmark-gate.ts";
import { planStep } from "../src/orchestrate/cloud/plan-step.ts";
import { reduceStep } from "../src/orchestrate/cloud/reduce-step.ts";
import { reportStep } from "../src/orchestrate/cloud/report-step.ts";
import { loadManifest } from "../src/dataset/open-dataset.ts";
import { planExperiment } from "../src/plan/plan-experiment.ts";
import { MemoryStore } from "../src/record/memory-store.ts";
import { createRun } from "../src/record/run-store.ts";
import { parseExperiment } from "../src/spec/parse-experiment.ts";

const trials = Number(process.argv[2] ?? 100_000);
const trialsPerJob = Number(process.argv[3] ?? 1);

/** Counts requests as S3 charges for them. */
class CountingStore extends MemoryStore {
  gets = 0;
  puts = 0;

  override get(key: string): Promise<Uint8Array | undefined> {
    this.gets++;
    return super.get(key);
  }

  override put(key: string, bytes: Uint8Array): Promise<void> {
    this.puts++;
    return super.put(key, bytes);
  }

  override putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    this.puts++;
    return super.putIfAbsent(key, bytes);
  }

  override async list(prefix: string): Promise<string[]> {
    const keys = await super.list(prefix);
    this.puts += Math.ceil(keys.length / 1000);
    return keys;
  }

  override async listFolders(prefix: string): Promise<string[]> {
    const folders = await super.listFolders(prefix);
    this.puts += Math.ceil(folders.length / 1000);
    return folders;
  }
}

const yaml = `
name: many
data: { dataset: mnist }
model: { layers: [flatten, { dense: { units: 10, activation: softmax } }] }
training: { epochs: 1 }
sweep: { grid: { training.optimizer.learningRate: [${Array.from({ length: 100 }, (_, index) => (index + 1) / 1000).join(", ")}] }, seeds: ${Math.ceil(trials / 100)}, maxTrials: 100000 }
resources: { trialsPerJob: ${trialsPerJob} }
`;

async function planMany() {
  const parsed = parseExperiment(yaml, "many.yaml");
  if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
  const loaded = await loadManifest("mnist", ".");
  if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
  const datasets = [{ spec: "mnist" as const, dataset: loaded.manifest }];
  const planned = planExperiment(parsed.experiment, datasets, { packageVersion: "bench", resultsVersion: 1 });
  if ("issues" in planned) throw new Error(JSON.stringify(planned.issues));
  return planned.plan;
}

/** Milliseconds from the start of loading a bundle in a new process until its handler is there; the median of some. */
function loadMs(file: string): number {
  const script = `const begin = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - begin)`;
  const settings = { NIGHTSWEEP_CLOUD: JSON.stringify({ store: "s3://records", region: "us-east-1" }) };
  const env = { ...process.env, AWS_REGION: "us-east-1", ...settings };
  const times = Array.from({ length: 9 }, () =>
    Number(
      execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        env,
        stdio: ["ignore", "pipe", "ignore"],
      }),
    ),
  );
  return Math.round(times.sort((a, b) => a - b)[4] ?? 0);
}

const bundles = Object.fromEntries(
  cloudFunctions.map((name) => {
    const file = path.join(bundleFunction(name), "index.mjs");
    return [name, { kilobytes: Math.round(statSync(file).size / 1000), loadMs: loadMs(file) }];
  }),
);
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-bench-"));
const synthesised = await synthTo(path.join(folder, "cdk.out"));
const store = new CountingStore();
const plan = await planMany();
const run = await createRun(store, { plan, experimentFile: "many.yaml", now: () => new Date(), randomBytes });
const later: { parts?: CloudParts } = {};
const requests = { gets: 0, puts: 0 };
/** Counts only what functions ask for, not what trainers write: they are not at work at the same time. */
async function counted<Step>(step: (parts: CloudParts) => Promise<Step>): Promise<Step> {
  if (later.parts === undefined) throw new Error("not started");
  const [gets, puts] = [store.gets, store.puts];
  const result = await step(later.parts);
  requests.gets += store.gets - gets;
  requests.puts += store.puts - puts;
  return result;
}
/** What the machine carries is JSON. */
const planEvent = (event: unknown): PlanEvent => JSON.parse(JSON.stringify(event));
const runStep = (event: unknown): RunStep => JSON.parse(JSON.stringify(event));

const twin = await startCloudTwin({
  synthesised,
  bucket: "records",
  s3: {},
  folder,
  pollMs: 1000,
  maxvCpus: { spot: 192 * 4, onDemand: 64 * 4 },
  containers: new NoOpContainers(store),
  functions: {
    plan: (event) => counted((parts) => planStep(parts, planEvent(event))),
    reduce: (event) => counted((parts) => reduceStep(parts, runStep(event))),
    report: (event) => counted((parts) => reportStep(parts, runStep(event))),
    confirm: (event) => counted((parts) => confirmStep(parts, runStep(event))),
    cleanup: () => Promise.resolve({ terminated: [] }),
  },
});
const settings: Deployment = JSON.parse(twin.parts.deployment);
const { createBatchJobService } = await import("../src/execute/batch-job-service.ts");
Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIABENCH", AWS_SECRET_ACCESS_KEY: "bench" });
later.parts = {
  settings,
  store,
  jobs: createBatchJobService("us-east-1"),
  now: () => new Date(),
  gate: benchmarkGate(() => new Date()),
  loadAsset: () => Promise.resolve(undefined),
  assets: () => Promise.resolve({ script: "", style: "" }),
};
const input = JSON.stringify({ run: { experiment: "many", runId: run.runId }, queue: "adhoc", trigger: "cli" });
const beganMs = performance.now();
const execution = await twin.machine.start(`${run.runId}-1`, input);
await execution?.ended;
twin.stop();
rmSync(folder, { recursive: true, force: true });

const lambdaSeconds = twin.machine.invocations.reduce((sum, { ms }) => sum + ms / 1000, 0);
// The store is this process' memory. A request through the SDK takes 0.9 ms of processor (measured against a server
// that does nothing), which functions of 2 GB, with a little more than one processor, can't do less than one after another.
const lambdaSecondsOnS3 = lambdaSeconds + 0.0009 * (requests.gets + requests.puts);
const transitions = execution?.transitions ?? 0;
// us-east-1, arm64, 2 GB; requests of trainers are not orchestration.
const usd = {
  stepFunctions: (transitions / 1000) * 0.025,
  lambda: lambdaSecondsOnS3 * 2 * 0.0000133334 + twin.machine.invocations.length * 0.0000002,
  s3: (requests.gets / 1000) * 0.0004 + (requests.puts / 1000) * 0.005,
};
const total = Object.values(usd).reduce((sum, each) => sum + each, 0);
console.error(execution?.status, execution?.cause ?? "", twin.machine.invocations, requests, usd);
console.log(
  JSON.stringify({
    bench: "cloud",
    trials: plan.trials.length,
    trialsPerJob,
    status: execution?.status,
    transitions,
    submitJobCalls: twin.calls["submitjob"] ?? 0,
    otherBatchCalls: Object.entries(twin.calls).filter(([name]) => name !== "submitjob"),
    largestStateBytes: execution?.largestInputBytes ?? 0,
    lambdaSeconds: Number(lambdaSeconds.toFixed(2)),
    estimatedLambdaSecondsOnS3: Number(lambdaSecondsOnS3.toFixed(2)),
    s3RequestsOfFunctions: requests,
    usd: Number(total.toFixed(4)),
    bundles,
    elapsedSeconds: Number(((performance.now() - beganMs) / 1000).toFixed(1)),
    peakMebibytes: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
