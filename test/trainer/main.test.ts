import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { trialFiles } from "../../src/contract/object-keys.ts";
import { channelWorkerVariables, trainerVariables } from "../../src/contract/trainer-environment.ts";
import { endOfAttemptMarker } from "../../src/contract/worker-messages.ts";
import { listCheckpoints } from "../../src/record/checkpoint-store.ts";
import { loadTrialState } from "../../src/record/load-trial.ts";
import { openStore } from "../../src/record/open-store.ts";
import { forkTrainer, type ForkedTrainer } from "./fork-trainer.ts";
import { deterministicFiles } from "./run-trial.ts";
import { createTinyRun, temporaryFolder, type TinyRun, type TinySections } from "./tiny-run.ts";

async function createStoredRun(sections: TinySections = {}): Promise<TinyRun & { readonly location: string }> {
  const location = temporaryFolder();
  return { ...(await createTinyRun(sections, openStore(location))), location };
}

function variablesOf(run: TinyRun & { readonly location: string }): Record<string, string> {
  return channelWorkerVariables({ store: run.location, planKey: run.planKey, dataRoot: run.dataRoot });
}

async function startChannel(run: TinyRun & { readonly location: string }): Promise<ForkedTrainer> {
  const trainer = forkTrainer(variablesOf(run));
  await trainer.waitFor("ready");
  return trainer;
}

function startArray(
  run: TinyRun & { readonly location: string },
  variables: Readonly<Record<string, string>> = {},
  imports: readonly string[] = [],
): ForkedTrainer {
  return forkTrainer({ ...variablesOf(run), [trainerVariables.dispatch]: "array", ...variables }, { imports });
}

/** Puts a file where the first trial's folder of checkpoints should be. @returns its path */
function blockCheckpoints(run: TinyRun & { readonly location: string }): string {
  const file = path.join(run.location, run.trialKey(0), "checkpoints");
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "");
  return file;
}

// So many epochs that nobody waits for the end.
const endless = "{epochs: 100000, batchSize: 8, checkpoint: {everyEpochs: 1000}}";

describe("a trainer on a channel", () => {
  test("runs one trial after another and marks where the output of each ends", async () => {
    const run = await createStoredRun({ sweep: "{seeds: [1, 2]}" });
    const trainer = await startChannel(run);

    trainer.send({ type: "run", trialIndex: 1, attempt: 1 });
    trainer.send({ type: "run", trialIndex: 0, attempt: 3 });
    trainer.send({ type: "evaluate", trialKey: run.trialKey(0) });
    await trainer.waitFor("evaluated");
    trainer.process.disconnect();

    expect(await trainer.exit).toEqual({ code: exitCodes.done, signal: null });
    expect(trainer.messages.filter(({ type }) => type === "finished")).toEqual([
      { type: "finished", trialIndex: 1, attempt: 1 },
      { type: "finished", trialIndex: 0, attempt: 3 },
    ]);
    expect(trainer.stderr()).toBe(`${endOfAttemptMarker(1, 1)}\n${endOfAttemptMarker(0, 3)}\n`);
    const [first, afterFirst] = trainer.stdout().split(`${endOfAttemptMarker(1, 1)}\n`);
    const [second, afterSecond] = afterFirst?.split(`${endOfAttemptMarker(0, 3)}\n`) ?? [];
    expect([first, second]).toEqual([expect.stringContaining("epoch 2/2"), expect.stringContaining("epoch 2/2")]);
    expect(afterSecond).toBe("");
  });

  test("gives a trial the same bytes whatever was trained before it", async () => {
    const sections: TinySections = {
      sweep: "{seeds: [1, 2, 3]}",
      model: "[flatten, {dropout: {rate: 0.3}}, batchNormalization, {dense: {units: 4, activation: softmax}}]",
    };
    const [alone, last] = [await createStoredRun(sections), await createStoredRun(sections)];

    for (const [run, trials] of [
      [alone, [2]],
      [last, [0, 1, 2]],
    ] as const) {
      const trainer = await startChannel(run);
      for (const trialIndex of trials) trainer.send({ type: "run", trialIndex, attempt: 1 });
      trainer.send({ type: "evaluate", trialKey: run.trialKey(2) });
      await trainer.waitFor("evaluated");
    }

    expect(await deterministicFiles(last, 2)).toEqual(await deterministicFiles(alone, 2));
  });

  test("reports progress", async () => {
    const run = await createStoredRun();
    const trainer = await startChannel(run);

    trainer.send({ type: "run", trialIndex: 0, attempt: 1 });
    const { trialIndex, progress } = await trainer.waitFor("progress");

    expect(trialIndex).toBe(0);
    expect(progress).toMatchObject({ epoch: 1, epochCount: 2, stepCount: 12, loss: expect.any(Number) });
  });

  test("asked to stop, it writes a checkpoint and leaves with the exit code for it", async () => {
    const run = await createStoredRun({ training: endless });
    const trainer = await startChannel(run);
    trainer.send({ type: "run", trialIndex: 0, attempt: 1 });
    await trainer.waitFor("progress");

    trainer.send({ type: "stop" });

    expect(await trainer.exit).toEqual({ code: exitCodes.checkpointed, signal: null });
    expect(trainer.messages.at(-1)).toEqual({ type: "checkpointed", trialIndex: 0, attempt: 1 });
    expect(await listCheckpoints(run.store, run.trialKey(0))).toHaveLength(1);
  });

  test("whose parent is gone, it writes a checkpoint and leaves", async () => {
    const run = await createStoredRun({ training: endless });
    const trainer = await startChannel(run);
    trainer.send({ type: "run", trialIndex: 0, attempt: 1 });
    await trainer.waitFor("progress");

    trainer.process.disconnect();

    expect(await trainer.exit).toEqual({ code: exitCodes.checkpointed, signal: null });
    expect(await listCheckpoints(run.store, run.trialKey(0))).toHaveLength(1);
  });

  test("ignores Ctrl-C, and writes a checkpoint when it is terminated", async () => {
    const run = await createStoredRun({ training: endless });
    const trainer = await startChannel(run);
    trainer.send({ type: "run", trialIndex: 0, attempt: 1 });
    await trainer.waitFor("progress");

    trainer.process.kill("SIGINT");
    await sleep(100);
    expect(trainer.process.exitCode).toBeNull();
    trainer.process.kill("SIGTERM");

    expect(await trainer.exit).toEqual({ code: exitCodes.checkpointed, signal: null });
  });

  test("goes on to the same bytes after it was killed", async () => {
    const training = "{epochs: 20, batchSize: 8, checkpoint: {everySteps: 5}}";
    const [run, uninterrupted] = [await createStoredRun({ training }), await createStoredRun({ training })];
    const [killed, other] = [await startChannel(run), await startChannel(uninterrupted)];
    killed.send({ type: "run", trialIndex: 0, attempt: 1 });
    other.send({ type: "run", trialIndex: 0, attempt: 1 });
    while ((await listCheckpoints(run.store, run.trialKey(0))).length === 0) await sleep(5);
    killed.process.kill("SIGKILL");
    expect(await killed.exit).toEqual({ code: null, signal: "SIGKILL" });

    const second = await startChannel(run);
    second.send({ type: "run", trialIndex: 0, attempt: 2 });
    await Promise.all([second.waitFor("finished"), other.waitFor("finished")]);

    expect(second.stdout()).toMatch(/^going on after step \d+ of 120/);
    expect(await deterministicFiles(run)).toEqual(await deterministicFiles(uninterrupted));
  });

  test("terminated with nothing to do, it leaves with the code for it", async () => {
    const trainer = await startChannel(await createStoredRun());

    trainer.process.kill("SIGTERM");

    expect(await trainer.exit).toEqual({ code: exitCodes.terminated, signal: null });
  });

  test("reports an error that nobody caught as the attempt's failure and leaves with the code of a bug", async () => {
    const throwing = "process.on('message', () => setTimeout(() => { throw new Error('out of the blue'); }, 100))";
    const run = await createStoredRun({ training: endless });
    const trainer = forkTrainer(variablesOf(run), { imports: [`data:text/javascript,${throwing}`] });
    await trainer.waitFor("ready");

    trainer.send({ type: "run", trialIndex: 0, attempt: 1 });

    expect(await trainer.exit).toEqual({ code: exitCodes.bug, signal: null });
    expect(trainer.messages.at(-1)).toEqual({
      type: "failed",
      trialIndex: 0,
      attempt: 1,
      failure: { kind: "bug", reason: "Error: out of the blue" },
    });
    const [log] = trainer.stderr().split(endOfAttemptMarker(0, 1));
    expect(log).toMatch(/^Error: out of the blue\n +at /);
  });

  test("tells about a trial that fails and is ready for the next", async () => {
    const run = await createStoredRun({
      training: "{epochs: 1, batchSize: 8, optimizer: {type: sgd, learningRate: 1e30}}",
    });
    const trainer = await startChannel(run);

    trainer.send({ type: "run", trialIndex: 0, attempt: 1 });
    const { failure } = await trainer.waitFor("failed");
    trainer.send({ type: "run", trialIndex: 99, attempt: 1 });
    trainer.send({ type: "evaluate", trialKey: run.trialKey(0) });
    const refused = await trainer.waitFor("refused");

    expect(failure.kind).toBe("diverged");
    expect(trainer.messages.find((message) => "trialIndex" in message && message.trialIndex === 99)).toMatchObject({
      failure: { kind: "bug", reason: expect.stringContaining("there is no number 99") },
    });
    // What was thrown stands in the log of the attempt that threw it.
    expect(trainer.stderr().split(endOfAttemptMarker(99, 1))[0]).toMatch(/RangeError: .*\n +at /);
    expect(refused.failure).toMatchObject({ kind: "user", reason: expect.stringContaining("has no result yet") });
  });

  test("calls the failure of a store infrastructure, and trains the trial once the store is mended", async () => {
    const run = await createStoredRun();
    const obstacle = blockCheckpoints(run);
    const trainer = await startChannel(run);

    trainer.send({ type: "run", trialIndex: 0, attempt: 1 });
    const { failure } = await trainer.waitFor("failed");
    rmSync(obstacle);
    trainer.send({ type: "run", trialIndex: 0, attempt: 2 });
    await trainer.waitFor("finished");

    expect(failure).toMatchObject({
      kind: "infrastructure",
      reason: expect.stringContaining("a file stands where a folder is needed"),
    });
    expect(await loadTrialState(run.store, run.trialKey(0))).toMatchObject({ type: "finished" });
  });

  test("tests a saved model again, and predicts with it as recorded", async () => {
    const run = await createStoredRun({ evaluation: "{batchSize: 7}" });
    const trainer = await startChannel(run);
    trainer.send({ type: "run", trialIndex: 0, attempt: 1 });
    await trainer.waitFor("finished");

    trainer.send({ type: "evaluate", trialKey: run.trialKey(0) });
    trainer.send({ type: "predict", trialKey: run.trialKey(0), examples: [29, 3] });
    const { evaluation } = await trainer.waitFor("evaluated");
    const { predictions } = await trainer.waitFor("predicted");
    trainer.send({ type: "predict", trialKey: run.trialKey(0), examples: [30] });
    const { failure } = await trainer.waitFor("refused");

    expect(evaluation.predictionsAreEqual).toBe(true);
    expect(evaluation.test).toEqual(evaluation.recorded);
    expect(evaluation.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(30);
    const lines = (await deterministicFiles(run))[trialFiles.predictions]?.split("\n") ?? [];
    const recorded = predictions.map(({ example }) => lines[example + 1]?.split(",").map(Number));
    const answered = predictions.map(({ example, label, predicted, probabilities }) => [
      example,
      label,
      predicted,
      Math.fround(probabilities[predicted] ?? NaN),
    ]);
    expect(answered).toEqual(recorded.map((line = []) => line.with(3, Math.fround(line[3] ?? NaN))));
    expect(failure).toMatchObject({ kind: "user", reason: expect.stringContaining("no test example 30") });
  });
});

describe("a trainer that is an array child", () => {
  test("runs its share of the plan's trials and leaves with 0", async () => {
    const run = await createStoredRun({ sweep: "{seeds: [1, 2, 3, 4]}" });

    const trainer = startArray(run, {
      [trainerVariables.trialOffset]: "1",
      [trainerVariables.trialsPerJob]: "2",
      [trainerVariables.arrayIndex]: "1",
    });

    expect(await trainer.exit).toEqual({ code: exitCodes.done, signal: null });
    const states = await Promise.all([0, 1, 2, 3].map((index) => loadTrialState(run.store, run.trialKey(index))));
    // The second share starts at trial 3 and has only one left.
    expect(states.map(({ type }) => type)).toEqual(["started", "started", "started", "finished"]);
  });

  test("goes on after a trial that diverged, records why, and leaves with the code of a user error", async () => {
    const run = await createStoredRun({
      training: "{epochs: 1, batchSize: 8, optimizer: {type: sgd}}",
      sweep: "{grid: {training.optimizer.learningRate: [1.0e+30, 0.1]}}",
    });

    const trainer = startArray(run, { [trainerVariables.trialsPerJob]: "2", [trainerVariables.attempt]: "2" });

    expect(await trainer.exit).toEqual({ code: exitCodes.invalidInput, signal: null });
    expect(await loadTrialState(run.store, run.trialKey(0))).toMatchObject({
      type: "failed",
      failure: { kind: "diverged", attempt: 2 },
    });
    expect(await loadTrialState(run.store, run.trialKey(1))).toMatchObject({ type: "finished" });
    expect(trainer.stderr()).toContain("trial 0 failed (diverged): the training loss became");
  });

  test("skips what is finished", async () => {
    const run = await createStoredRun();
    await startArray(run).exit;

    const again = startArray(run);

    expect(await again.exit).toEqual({ code: exitCodes.done, signal: null });
    expect(again.stdout()).not.toContain("epoch");
  });

  test("terminated, it leaves at a checkpoint", async () => {
    const run = await createStoredRun({ training: endless });
    const trainer = startArray(run);
    while (!trainer.stdout().includes("epoch 1/")) await sleep(20);

    trainer.process.kill("SIGTERM");

    expect(await trainer.exit).toEqual({ code: exitCodes.checkpointed, signal: null });
  });

  test("leaves with the code for it if the store fails, and records why", async () => {
    const run = await createStoredRun();
    blockCheckpoints(run);

    const trainer = startArray(run);

    expect(await trainer.exit).toEqual({ code: exitCodes.infrastructure, signal: null });
    expect(await loadTrialState(run.store, run.trialKey(0))).toMatchObject({
      type: "failed",
      failure: { kind: "infrastructure", reason: expect.stringContaining("a file stands where a folder is needed") },
    });
  });

  test("leaves with the code of a bug if something throws", async () => {
    const run = await createStoredRun();
    // The name is put together, because the stack also holds this code: it is the module's address.
    const brokenClock = `const now = performance.now.bind(performance);
      performance.now = () => { if (new Error().stack.includes(["Epoch", "Stopwatch"].join(""))) throw new Error("no time"); return now(); }`;

    const trainer = startArray(run, {}, [`data:text/javascript,${encodeURIComponent(brokenClock)}`]);

    expect(await trainer.exit).toEqual({ code: exitCodes.bug, signal: null });
    expect(await loadTrialState(run.store, run.trialKey(0))).toMatchObject({
      type: "failed",
      failure: { kind: "bug", reason: "Error: no time" },
    });
  });
});

describe("a trainer refuses to start", () => {
  test("without a store and a plan, naming every variable that is missing", async () => {
    const trainer = forkTrainer({});

    expect(await trainer.exit).toEqual({ code: exitCodes.usage, signal: null });
    expect(trainer.stderr()).toBe("NIGHTSWEEP_STORE is not set\nNIGHTSWEEP_PLAN is not set\n");
  });

  test("with an engine that it doesn't have", async () => {
    const trainer = startArray(await createStoredRun(), { [trainerVariables.engine]: "abacus" });

    expect(await trainer.exit).toEqual({ code: exitCodes.usage, signal: null });
    expect(trainer.stderr()).toBe('NIGHTSWEEP_ENGINE is "abacus", expected one of auto, wasm, tensorflow\n');
  });

  test("with a store of a kind that there isn't", async () => {
    const run = await createStoredRun();

    const trainer = startArray(run, { [trainerVariables.store]: "gopher://records" });

    expect(await trainer.exit).toEqual({ code: exitCodes.usage, signal: null });
    expect(trainer.stderr()).toContain('unknown kind "gopher"');
  });

  test("for the time being, if the store doesn't give the plan", async () => {
    const run = await createStoredRun();
    const file = path.join(run.location, run.planKey);
    rmSync(file);
    symlinkSync(file, file);

    const trainer = startArray(run);

    expect(await trainer.exit).toEqual({ code: exitCodes.infrastructure, signal: null });
    expect(trainer.stderr()).toContain("can't read");
  });

  test("on a plan that isn't there", async () => {
    const run = await createStoredRun();
    rmSync(path.join(run.location, run.planKey));

    const trainer = startArray(run);

    expect(await trainer.exit).toEqual({ code: exitCodes.missingInput, signal: null });
    expect(trainer.stderr()).toContain("there is no such plan");
  });

  test("on trials that the plan doesn't have", async () => {
    const trainer = startArray(await createStoredRun(), { [trainerVariables.trialOffset]: "1" });

    expect(await trainer.exit).toEqual({ code: exitCodes.usage, signal: null });
    expect(trainer.stderr()).toContain("trial 1 was asked for, but the plan's last trial is 0");
  });
});
