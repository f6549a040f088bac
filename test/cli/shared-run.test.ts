import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { lacksS3Server, s3ServerReason, startS3Server, type S3Server } from "../record/s3-server.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, startNightsweep, workersOf, type Outcome } from "./nightsweep-process.ts";
import { deterministicFilesOf } from "./run-files.ts";

const experiment = (name: string, epochs = 12, seeds = 5): string => `name: ${name}
data:
  dataset: { format: idx, folder: ./digits }
model:
  layers:
    - conv2d: { filters: 4, kernelSize: 3, activation: relu }
    - flatten
    - dense: { units: 4, activation: softmax }
training: { epochs: ${epochs}, batchSize: 16, checkpoint: { everySteps: 10 } }
sweep: { seeds: ${seeds} }
`;

let folder = "";
const copyOf = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-shared-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 400, test: 100 });
  for (const name of ["digits", "others"]) writeFileSync(path.join(folder, `${name}.yaml`), experiment(name));
  writeFileSync(path.join(folder, "long.yaml"), experiment("long", 2000, 1));
  await run("undisturbed");
});

// Workers of killed runs may still write their last checkpoint.
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

function parameters(store: string, name = "digits"): string[] {
  return ["run", `${name}.yaml`, "--workers", "1", "--store", store];
}

function run(store: string, environment = {}): Promise<Outcome> {
  return nightsweep(parameters(store), { cwd: folder, environment });
}

function start(store: string, { environment = {}, name = "digits" } = {}) {
  return startNightsweep(parameters(store, name), { cwd: folder, environment });
}

/** Epochs that were trained more than once, by all processes together, as `<trial> <epoch>`. */
function repeatedEpochs(outcomes: readonly Outcome[]): string[] {
  const counts = new Map<string, number>();
  for (const { stderr } of outcomes)
    for (const [, trial, epoch] of stderr.matchAll(/^\[\d+\/\d+\] ([0-9a-f]{8}) .*epoch (\d+)\//gm)) {
      const key = `${trial} ${epoch}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  expect(counts.size).toBeGreaterThan(20);
  return [...counts].filter(([, count]) => count > 1).map(([key]) => key);
}

function expectUndisturbed(store: string): void {
  expect(deterministicFilesOf(store, "digits")).toEqual(deterministicFilesOf(copyOf("undisturbed"), "digits"));
}

describe("two runs of one experiment at once in a folder", () => {
  test("share the trials: each is trained once, and both end with all of them", async () => {
    const first = start("shared");
    await first.reached(1);
    const second = start("shared");
    const outcomes = await Promise.all([first.outcome, second.outcome]);

    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([exitCodes.done, exitCodes.done]);
    expect(repeatedEpochs(outcomes)).toEqual([]);
    for (const { stderr } of outcomes) expect(stderr).toMatch(/epoch 12\/12/);
    expect(outcomes[0]?.stdout).toBe(outcomes[1]?.stdout);
    expectUndisturbed(copyOf("shared"));
  });

  test("wait for what the other trains, say so, and take it over when that one is killed", async () => {
    const first = start("killed");
    await first.reached(3);
    const second = start("killed");
    await second.reached(2);

    first.child.kill("SIGKILL");
    const outcomes = await Promise.all([first.outcome, second.outcome]);

    expect(outcomes[1]).toMatchObject({ exitCode: exitCodes.done });
    expect(outcomes[1]?.stderr).toMatch(/left to another process: [0-9a-f]{8} .*\(run .* on host .*, process \d+\)/);
    expect(repeatedEpochs(outcomes).length).toBeLessThanOrEqual(1);
    expectUndisturbed(copyOf("killed"));
  });

  // Only on Linux can environments of other processes be read.
  test.skipIf(process.platform !== "linux")(
    "take over what a stalled worker holds; when it comes back it writes nothing more, and both end with all trials",
    async () => {
      const environment = { NIGHTSWEEP_CLAIM_BEAT_MS: "200", NIGHTSWEEP_CLAIM_EXPIRY_MS: "1500" };
      const first = start("stalled", { environment });
      await first.reached(3);
      const [worker] = workersOf(copyOf("stalled"));
      process.kill(Number(worker), "SIGSTOP");
      const second = start("stalled", { environment });
      const outcome = await second.outcome;

      process.kill(Number(worker), "SIGCONT");
      const outcomes = [await first.outcome, outcome];

      expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([exitCodes.done, exitCodes.done]);
      expect(outcomes[0]?.stderr).toContain("taken over by another process");
      expectUndisturbed(copyOf("stalled"));
    },
  );

  test("stop by Ctrl-C also while only the other one has something to do", async () => {
    const first = start("waiting", { name: "long" });
    await first.reached(1);
    const second = start("waiting", { name: "long" });
    await expect.poll(() => second.stderr(), { timeout: 30_000 }).toMatch(/waiting: 1 trial is being trained by run/);
    const { stdout: status } = await nightsweep(["status", "long", "--store", "waiting"], { cwd: folder });

    second.child.kill("SIGINT");
    const outcome = await second.outcome;

    expect(status).toMatch(/held by run \S+ on host \S+, process \d+, since/);
    expect(outcome.exitCode).toBe(exitCodes.checkpointed);
    first.child.kill("SIGKILL");
    await first.outcome;
  });

  test("of different experiments share the trials that are the same", async () => {
    const first = start("related");
    await first.reached(1);
    const second = start("related", { name: "others" });
    const outcomes = await Promise.all([first.outcome, second.outcome]);

    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([exitCodes.done, exitCodes.done]);
    expect(repeatedEpochs(outcomes)).toEqual([]);
  });
});

describe.skipIf(lacksS3Server)(`two runs of one experiment at once in S3${s3ServerReason}`, () => {
  let server: S3Server;

  beforeAll(async () => {
    server = await startS3Server();
    await server.createBucket("records");
  });

  afterAll(() => server?.stop());

  test.each([["shared", false] as const, ["killed", true] as const])(
    "share the trials, each trained once: %s",
    async (name, isKilled) => {
      const store = `s3://records/${name}`;
      const { environment } = server;
      const first = start(store, { environment });
      await first.reached(3);
      const second = start(store, { environment });
      await second.reached(2);
      if (isKilled) first.child.kill("SIGKILL");
      const outcomes = await Promise.all([first.outcome, second.outcome]);
      await nightsweep(["sync", store, `${name}-copy`], { cwd: folder, environment });

      expect(outcomes[1]).toMatchObject({ exitCode: exitCodes.done });
      expect(repeatedEpochs(outcomes).length).toBeLessThanOrEqual(isKilled ? 1 : 0);
      expectUndisturbed(copyOf(`${name}-copy`));
    },
    120_000,
  );
});
