import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { describeNative } from "../trainer/engine/tensorflow/native-addon.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, startNightsweep } from "./nightsweep-process.ts";
import { deterministicFilesOf } from "./run-files.ts";

const experiment = (threads: number) => `name: digits
data: { dataset: { format: idx, folder: ./digits } }
model:
  layers:
    - conv2d: { filters: 4, kernelSize: 3, activation: relu }
    - flatten
    - dropout: { rate: 0.3 }
    - dense: { units: 32, activation: relu }
    - dense: { units: 4, activation: softmax }
training:
  epochs: 40
  batchSize: 16
  optimizer: { type: adam, learningRate: 0.002 }
  checkpoint: { everySteps: 20 }
sweep: { seeds: 2 }
resources: { threads: ${threads} }
`;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-engines-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 300, test: 60 });
  for (const threads of [1, 2]) writeFileSync(path.join(folder, `x${threads}.yaml`), experiment(threads));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface RunOptions {
  readonly file?: string;
  readonly engine: string;
  readonly workers?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

function parameters(store: string, { file = "x1.yaml", engine, workers = 2 }: RunOptions): string[] {
  return ["run", file, "--workers", String(workers), "--store", store, "--engine", engine];
}

function run(store: string, options: RunOptions) {
  return nightsweep(parameters(store, options), { cwd: folder, environment: options.environment ?? {} });
}

async function stopOn(engine: string, store: string): Promise<void> {
  const { child, outcome, reached } = startNightsweep(parameters(store, { engine }), { cwd: folder });
  await reached(2);
  child.kill("SIGINT");
  const { exitCode, stderr } = await outcome;
  if (exitCode !== exitCodes.checkpointed) throw new Error(stderr);
}

const recordsOf = (store: string) => deterministicFilesOf(path.join(folder, store), "digits");

function environmentsOf(store: string): readonly { readonly threads: number; readonly engine: string }[] {
  const runs = path.join(folder, store, "experiments", "digits", "runs");
  const [runId = ""] = readdirSync(runs);
  const trials = path.join(runs, runId, "trials");
  return readdirSync(trials).map((id) => JSON.parse(readFileSync(path.join(trials, id, "environment.json"), "utf8")));
}

test("a GPU that is asked for and not there is refused, and nothing is trained", async () => {
  const environment = { NIGHTSWEEP_DEVICE: "gpu", NIGHTSWEEP_ENGINE_HOME: "/nowhere" };
  const refused = await run("gpu", { engine: "auto", environment });

  expect(refused.stderr).toContain('NIGHTSWEEP_DEVICE is "gpu", but the engine tensorflow can\'t be used');
  expect(refused.exitCode).toBe(exitCodes.trialsFailed);
});

test("the embedded engine says that it does not use the threads that were asked for", async () => {
  const { stderr, exitCode } = await run("hint", { file: "x2.yaml", engine: "wasm" });

  expect(stderr).toContain("resources.threads is 2, but the engine wasm computes a trial with one");
  expect(exitCode).toBe(exitCodes.done);
  expect(environmentsOf("hint").map(({ threads }) => threads)).toEqual([1, 1]);
});

describeNative("a run on the native engine", () => {
  test("goes on with the engine of its checkpoints, and another one is refused", async () => {
    await run("undisturbed", { engine: "tensorflow" });
    await stopOn("tensorflow", "native");

    const refused = await run("native", { engine: "wasm" });
    const continued = await run("native", { engine: "auto" });

    expect(refused.exitCode).toBe(exitCodes.trialsFailed);
    expect(refused.stderr).toMatch(/was computed by tensorflow 2\.21\.0\S* with 1 thread, this is wasm/);
    expect(refused.stderr).toContain("go on with --engine tensorflow");
    expect(continued.exitCode).toBe(exitCodes.done);
    expect(recordsOf("native")).toEqual(recordsOf("undisturbed"));
  });

  test("leaves a run to the embedded engine that was begun there", async () => {
    await run("embedded", { engine: "wasm" });
    await stopOn("wasm", "stopped");

    const continued = await run("stopped", { engine: "auto" });

    expect(continued.stderr).toContain("Engine: wasm, which wrote the checkpoints it goes on from");
    expect(continued.exitCode).toBe(exitCodes.done);
    expect(recordsOf("stopped")).toEqual(recordsOf("embedded"));
  });

  test("gives the same bytes with several threads, whatever the load and however many workers", async () => {
    const [alone, ...others] = await Promise.all([
      run("alone", { file: "x2.yaml", engine: "tensorflow", workers: 1 }),
      run("beside", { file: "x2.yaml", engine: "tensorflow", workers: 2 }),
      run("load", { engine: "tensorflow", workers: 2 }),
    ]);

    expect([alone, ...others].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(recordsOf("beside")).toEqual(recordsOf("alone"));
    expect(environmentsOf("alone")[0]).toMatchObject({
      threads: 2,
      engineDetails: { TF_NUM_INTRAOP_THREADS: "2", TF_NUM_INTEROP_THREADS: "1", TF_ENABLE_ONEDNN_OPTS: "1" },
    });
  });

  test("a GPU that is asked for and that TensorFlow does not find is refused", async () => {
    const refused = await run("no-gpu", { engine: "tensorflow", environment: { NIGHTSWEEP_DEVICE: "gpu" } });

    expect(refused.stderr).toContain('NIGHTSWEEP_DEVICE is "gpu", but TensorFlow found none it can use');
    expect(refused.exitCode).toBe(exitCodes.trialsFailed);
  });
});
