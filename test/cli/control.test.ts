import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { pollVariable } from "../../src/contract/poll-variable.ts";
import { convolutionalDigits, writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, startNightsweep } from "./nightsweep-process.ts";
import { deterministicFilesOf } from "./run-files.ts";

const yaml = (epochs: number, sweep: string): string => `${convolutionalDigits}training:
  epochs: ${epochs}
  batchSize: 16
  optimizer: { type: adam, learningRate: 0.002 }
  keepBest: validationLoss
  checkpoint: { everyEpochs: ${epochs} }
sweep: ${sweep}
`;

let folder = "";
const options = () => ({ cwd: folder, environment: { [pollVariable]: "200" } });
const inFolder = (...parameters: string[]) => nightsweep(parameters, options());
const run = (store: string, ...flags: string[]) => ["run", "long.yaml", "--workers", "2", "--store", store, ...flags];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-control-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 400, test: 100 });
  writeFileSync(path.join(folder, "long.yaml"), yaml(200, "{ seeds: 2 }"));
  writeFileSync(path.join(folder, "short.yaml"), yaml(1, "{ seeds: 2 }"));
  const rates = "{ grid: { training.optimizer.learningRate: [1e30, 0.002] } }";
  writeFileSync(path.join(folder, "diverging.yaml"), yaml(150, rates));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Texts of a store's files with a name. */
function textsOf(store: string, name: string): string[] {
  const files = readdirSync(path.join(folder, store), { recursive: true, encoding: "utf8" });
  const found = files.filter((file) => path.basename(file) === name);
  return found.sort().map((file) => readFileSync(path.join(folder, store, file), "utf8"));
}

describe("a run that is controlled from outside", () => {
  test("pauses without another step, changes its workers, is cancelled, resumed, and ends with the same bytes", async () => {
    const undisturbed = inFolder(...run("undisturbed"));
    const { outcome, reached } = startNightsweep(run("controlled"), options());
    await reached(3);
    const paused = await inFolder("pause", "digits", "--store", "controlled");
    await expect.poll(async () => textsOf("controlled", "state.json").length, { timeout: 20_000 }).toBe(2);
    const atPause = textsOf("controlled", "metrics.jsonl");
    await sleep(1000);
    const later = textsOf("controlled", "metrics.jsonl");
    const status = await inFolder("status", "digits", "--store", "controlled");
    const fewer = await inFolder("set-workers", "digits", "1", "--store", "controlled");
    const cancelled = await inFolder("cancel", "digits", "--store", "controlled", "--output", "json");
    const ended = await outcome;
    const refused = await inFolder(...run("controlled"));
    const resumed = await inFolder(...run("controlled", "--resume"));

    expect(paused.stdout).toContain("paused: what runs finishes its step and writes a checkpoint");
    expect(later).toEqual(atPause);
    expect(status.stdout).toMatch(/run by process \d+ on .*\npaused at /);
    expect(fewer.stdout).toContain("from now on 1 trial is trained side by side");
    expect(JSON.parse(cancelled.stdout)).toMatchObject({ state: "cancelled", listening: 1, answered: 1 });
    expect(ended.exitCode).toBe(exitCodes.cancelled);
    expect(ended.stderr).toContain("Stopped with 0 of 2 trials finished: it was cancelled");
    expect(refused).toMatchObject({ exitCode: exitCodes.cancelled, stdout: "" });
    expect(refused.stderr).toMatch(/was cancelled at .*\n {2}fix: run it again with --resume/);
    expect(resumed).toMatchObject({ exitCode: exitCodes.done });
    expect((await undisturbed).exitCode).toBe(exitCodes.done);
    expect(deterministicFilesOf(path.join(folder, "controlled"), "digits")).toEqual(
      deterministicFilesOf(path.join(folder, "undisturbed"), "digits"),
    );
  });

  test("tries a failed trial again when asked to, and its logs are followed until it ends", async () => {
    const store = ["--store", "diverging"];
    const { outcome, reached } = startNightsweep(["run", "diverging.yaml", "--workers", "1", ...store], {
      cwd: folder,
    });
    const early = await inFolder("retry", "digits", "deadbeef", ...store);
    await reached(3);
    const followed = inFolder("logs", "digits", "--follow", "--lines", "1", ...store);
    const retried = await inFolder("retry", "digits", ...store);
    const ended = await outcome;
    const { stdout } = await followed;

    expect(early.exitCode).toBe(exitCodes.missingInput);
    expect(retried.stdout).toContain("1 trial is tried again as soon as a worker is free");
    expect(ended.stderr).toMatch(/FAILED.*[^]*attempt 2: .*[^]*FAILED/);
    expect(ended.exitCode).toBe(exitCodes.trialsFailed);
    expect(stdout).toMatch(/^[0-9a-f]{8} \| .*epoch 150\/150/m);
    expect(stdout.match(/ epoch 140\/150 /g)).toHaveLength(1);
  });
});

describe("a run that nobody runs", () => {
  test("keeps what is asked for the next one, says that nobody listens, and is removed only with --yes", async () => {
    const store = ["--store", "short"];
    await inFolder("run", "short.yaml", ...store);

    const workers = await inFolder("set-workers", "digits", "3", ...store);
    const cancelled = await inFolder("cancel", "digits", ...store);
    const resumed = await inFolder("resume", "digits", ...store);
    const retried = await inFolder("retry", "digits", ...store);
    const dry = await inFolder("rm", "digits", ...store);
    const stays = await inFolder("logs", "digits", ...store);
    const cleaned = await inFolder(
      "gc",
      "--keep-last",
      "1",
      "--older-than",
      "1d",
      ...store,
      "--yes",
      "--output",
      "json",
    );
    const wrong = await inFolder("gc", "--older-than", "soon", ...store);
    const removed = await inFolder("rm", "digits", "--yes", ...store);

    expect(workers).toMatchObject({ exitCode: exitCodes.missingInput });
    expect(workers.stderr).toContain("nobody runs digits run");
    expect(cancelled.stdout).toContain("cancelled; nobody runs it now");
    expect(resumed.stdout).toContain("nobody runs it now: start it with `nightsweep run`");
    expect(retried).toMatchObject({ exitCode: exitCodes.usage });
    expect(dry.stdout).toContain("nothing was removed: add --yes to do it");
    expect(stays.stdout.match(/epoch 1\/1/g)).toHaveLength(2);
    expect(JSON.parse(cleaned.stdout)).toMatchObject({ isDone: true, removals: [{ what: "checkpoints", trials: 2 }] });
    expect(wrong).toMatchObject({ exitCode: exitCodes.usage });
    expect(removed.stdout).toMatch(/removed [\d.]+ kB/);
    const left = readdirSync(path.join(folder, "short"), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile() && !entry.parentPath.includes(".tmp"))).toEqual([]);
  });
});
