import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-rules-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 400, test: 40 });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an experiment of ten configurations. */
function write(
  name: string,
  options: { readonly rates: readonly number[]; readonly epochs: number; readonly run: string },
) {
  writeFileSync(
    path.join(folder, `${name}.yaml`),
    `name: ${name}
data: {dataset: {format: idx, folder: digits}}
model: {layers: [flatten, {dense: {units: 4, activation: softmax}}]}
training: {epochs: ${options.epochs}, batchSize: 20, optimizer: {type: sgd}, checkpoint: {everySteps: 5}}
sweep: {grid: {training.optimizer.learningRate: [${options.rates.join(", ")}]}, seeds: 1}
run: ${options.run}
`,
  );
}

function run(name: string, ...flags: readonly string[]) {
  return nightsweep(["run", `${name}.yaml`, "--workers", "1", ...flags], { cwd: folder });
}

const infinite = Array.from({ length: 8 }, (_, index) => `${index + 1}e38`).map(Number);

describe("a run whose trials all fail in the same way", () => {
  test("stops after a few, says why and what to do, and so does status", async () => {
    write("wrong", { rates: infinite, epochs: 3, run: "{identicalFailures: 3}" });

    const { exitCode, stderr } = await run("wrong");
    const status = await nightsweep(["status", "wrong"], { cwd: folder });
    const json = JSON.parse((await nightsweep(["status", "wrong", "-o", "json"], { cwd: folder })).stdout);

    expect(exitCode).toBe(exitCodes.stoppedByRule);
    expect(stderr).toMatch(/Stopped with 0 of 8 trials finished: 3 trials in a row failed in the same way .*diverged/);
    expect(stderr).toMatch(/fix: .*--keep-going/);
    expect(status.stdout).toMatch(/stopped: 3 trials in a row/);
    expect(status.stdout).toMatch(/3 trials failed: the loss diverged \(diverged\)/);
    expect(status.stdout).toMatch(/what to do: /);
    expect(json.failures).toMatchObject([
      { kind: "diverged", trials: [expect.any(String), "", ""].map(() => expect.any(String)) },
    ]);
    expect(json.sessions.at(-1).stop).toMatchObject({ rule: "identicalFailures", failures: 3 });
  });

  test("stops at the first one with --fail-fast, and goes through all with --keep-going", async () => {
    const fast = await run("wrong", "--fail-fast");
    const all = await run("wrong", "--keep-going");

    expect(fast.exitCode).toBe(exitCodes.stoppedByRule);
    expect(fast.stderr).toContain("a trial failed, and the run stops at the first one that does");
    expect(all.exitCode).toBe(exitCodes.trialsFailed);
    expect(all.stderr.match(/FAILED/g)).toHaveLength(8);
  });
});

describe("a trial at its time limit", () => {
  test("checkpoints and fails, and the next run goes on from there", async () => {
    write("long", { rates: [0.01], epochs: 100_000, run: "{trialTimeLimit: 2s}" });

    const { exitCode, stderr } = await run("long");
    const status = await nightsweep(["status", "long"], { cwd: folder });
    const again = await run("long");

    expect(exitCode).toBe(exitCodes.trialsFailed);
    expect(stderr).toContain("the attempt reached its time limit");
    expect(status.stdout).toMatch(/1 trial failed: the time limit was reached[\s\S]*goes on from its checkpoint/);
    const epochs = (text: string) => [...text.matchAll(/epoch (\d+)\//g)].map(([, epoch]) => Number(epoch));
    expect(Math.min(...epochs(again.stderr))).toBeGreaterThanOrEqual(Math.max(...epochs(stderr)));
  });
});

describe("a run at its limits", () => {
  test("checkpoints at its time limit and says how to go on", async () => {
    write("timed", { rates: [0.01, 0.02], epochs: 100_000, run: "{runTimeLimit: 2s}" });

    const { exitCode, stderr } = await run("timed");

    expect(exitCode).toBe(exitCodes.stoppedByRule);
    expect(stderr).toContain("stopped at a checkpoint");
    expect(stderr).toMatch(
      /the time limit of 2.0 s \(run.runTimeLimit\) is reached\n {2}fix: run the same command again/,
    );
  });

  test("starts nothing once its budget is used up, also in another session, until it is raised", async () => {
    write("dear", { rates: [0.01], epochs: 100_000, run: "{budget: {usd: 0.001}}" });

    const first = await run("dear", "--price-per-hour", "1.2");
    const second = await run("dear", "--price-per-hour", "1.2");
    const free = await run("dear", "--set", "run.trialTimeLimit=1s");

    expect(first.exitCode).toBe(exitCodes.stoppedByRule);
    expect(first.stderr).toContain("the budget of 0.001 USD (run.budget.usd) is used up");
    expect(second.exitCode).toBe(exitCodes.stoppedByRule);
    expect(second.stderr).not.toMatch(/epoch \d/);
    expect(free.stderr).toMatch(/reached its time limit/);
    const status = await nightsweep(["status", "dear", "-o", "json"], { cwd: folder });
    const { sessions } = JSON.parse(status.stdout) as { sessions: { pricePerHour?: number }[] };
    expect(sessions.map(({ pricePerHour }) => pricePerHour)).toEqual([1.2, 1.2, undefined]);
  });
});
