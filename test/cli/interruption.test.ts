import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { convolutionalDigits, writeDigitFolder } from "./digit-folder.ts";
import { deterministicFilesOf } from "./run-files.ts";
import { nightsweep, startNightsweep, workersOf as workersOfStore } from "./nightsweep-process.ts";

// Long enough to be interrupted in the middle (a few seconds), with everything that has to survive: dropout, optimizer
// slots, best weights so far, a partial last batch, step logs.
const experiment = `${convolutionalDigits}training:
  epochs: 30
  batchSize: 16
  optimizer: { type: adam, learningRate: 0.002 }
  keepBest: validationLoss
  logEverySteps: 7
  checkpoint: { everySteps: 40 }
evaluation:
  test: everyEpoch
sweep:
  seeds: 4
`;

let folder = "";
let undisturbed: ReadonlyMap<string, string> = new Map();

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-interruption-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 400, test: 100 });
  writeFileSync(path.join(folder, "digits.yaml"), experiment);
  const { exitCode, stderr } = await run("undisturbed");
  if (exitCode !== 0) throw new Error(stderr);
  undisturbed = recordsOf("undisturbed");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function parameters(store: string): string[] {
  return ["run", "digits.yaml", "--workers", "2", "--store", store];
}

function run(store: string) {
  return nightsweep(parameters(store), { cwd: folder });
}

function start(store: string) {
  return startNightsweep(parameters(store), { cwd: folder });
}

function workersOf(store: string): string[] {
  return workersOfStore(path.join(folder, store));
}

function recordsOf(store: string): Map<string, string> {
  return deterministicFilesOf(path.join(folder, store), "digits");
}

describe("a run that is disturbed", () => {
  test("is stopped by Ctrl-C at a checkpoint, and goes on to the same bytes", async () => {
    const { child, outcome, reached } = start("stopped");
    await reached(5);

    child.kill("SIGINT");
    const { exitCode, stderr } = await outcome;
    const continued = await run("stopped");

    expect(exitCode).toBe(exitCodes.checkpointed);
    expect(stderr).toContain("stopped at a checkpoint");
    expect(stderr).toContain("Run the same command again to go on");
    expect(continued.stderr).toContain("Going on with digits");
    expect(continued.exitCode).toBe(exitCodes.done);
    expect(recordsOf("stopped")).toEqual(undisturbed);
  });

  test("is ended at once by a second Ctrl-C, and goes on to the same bytes", async () => {
    const { child, outcome, reached } = start("ended");
    await reached(4);

    child.kill("SIGINT");
    child.kill("SIGINT");
    // An impatient user, so that every moment of the way out is met.
    const impatience = setInterval(() => child.kill("SIGINT"), 1);
    const { exitCode } = await outcome;
    clearInterval(impatience);
    const continued = await run("ended");

    expect([exitCodes.interrupted, exitCodes.checkpointed]).toContain(exitCode);
    expect(continued.exitCode).toBe(exitCodes.done);
    expect(recordsOf("ended")).toEqual(undisturbed);
  });

  test.each([3, 12, 21])("killed with kill -9 in epoch %i, it goes on to the same bytes", async (epoch) => {
    const store = `killed-${epoch}`;
    const { child, outcome, reached } = start(store);
    await reached(epoch);

    child.kill("SIGKILL");
    const { signal } = await outcome;
    const continued = await run(store);

    expect(signal).toBe("SIGKILL");
    expect(continued.exitCode).toBe(exitCodes.done);
    expect(recordsOf(store)).toEqual(undisturbed);
  });

  test.skipIf(process.platform !== "linux")(
    "replaces a worker that is killed, and comes to the same bytes",
    async () => {
      const { outcome, reached } = start("worker-killed");
      await reached(4);

      const [worker] = workersOf("worker-killed");
      process.kill(Number(worker), "SIGKILL");
      const { exitCode, stderr } = await outcome;

      expect(stderr).toContain("failed, will be tried again");
      expect(exitCode).toBe(exitCodes.done);
      expect(recordsOf("worker-killed")).toEqual(undisturbed);
    },
  );

  // Environments of other processes can be read on Linux only.
  test.skipIf(process.platform !== "linux")("leaves no worker behind when it is killed", async () => {
    const { child, outcome, reached } = start("orphans");
    await reached(3);

    child.kill("SIGKILL");
    await outcome;

    await expect.poll(() => workersOf("orphans"), { timeout: 10_000 }).toEqual([]);
  });
});
