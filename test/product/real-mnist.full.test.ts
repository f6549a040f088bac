import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { nightsweep, startNightsweep } from "../cli/nightsweep-process.ts";
import { deterministicFilesOf } from "../cli/run-files.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-mnist-"));
const store = (name: string): string => path.join(folder, name);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const experiment = `name: mnist-part
data:
  dataset: mnist
  subset: { train: { first: 6000 } }
  validation: { fraction: 0.2 }
model:
  layers:
    - conv2d: { filters: 8, kernelSize: 3, padding: same, activation: relu }
    - maxPooling2d: {}
    - flatten
    - dropout: { rate: 0.2 }
    - dense: { units: 10, activation: softmax }
training: { epochs: 4, batchSize: 64, keepBest: validationAccuracy, checkpoint: { everySteps: 30 } }
sweep:
  grid: { training.optimizer.learningRate: [0.001, 0.003] }
  seeds: 2
`;

describe("a sweep over real MNIST", () => {
  const file = path.join(folder, "mnist-part.yaml");
  writeFileSync(file, experiment);
  const run = (name: string) => nightsweep(["run", file, "--store", store(name)], { cwd: folder });
  const start = (name: string) => startNightsweep(["run", file, "--store", store(name)], { cwd: folder });
  const filesOf = (name: string) => deterministicFilesOf(store(name), "mnist-part");

  test("gives the same bytes in two stores, after Ctrl-C and after kill -9", async () => {
    await run("first");
    await run("second");
    for (const [name, signal] of [["stopped", "SIGINT"] as const, ["killed", "SIGKILL"] as const]) {
      const { child, outcome, reached } = start(name);
      await reached(2);
      child.kill(signal);
      await outcome;
      await run(name);
    }

    const [first, ...others] = ["first", "second", "stopped", "killed"].map(filesOf);
    expect(first?.size).toBe(4 * 6);
    for (const other of others) expect(other).toEqual(first);
  }, 600_000);
});

describe("the reference experiments", () => {
  test.each([
    ["cnn-mnist", 0.981],
    ["lenet5-mnist", 0.98],
    ["mlp-mnist", 0.97],
  ])(
    "%s reaches a test accuracy of %f with every seed, and again when its models are loaded",
    async (name, least) => {
      const yaml = path.join(root, "experiments", "reference", `${name}.yaml`);
      const options = { cwd: folder };

      const { exitCode, stdout } = await nightsweep(
        ["run", yaml, "--store", store("reference"), "-o", "json"],
        options,
      );
      const { trials } = JSON.parse(stdout) as { trials: { trialId: string; test: { accuracy: number } }[] };
      const reloaded = await Promise.all(
        trials.map(({ trialId }) => nightsweep(["evaluate", name, trialId, "--store", store("reference")], options)),
      );

      expect(exitCode).toBe(exitCodes.done);
      for (const trial of trials) expect(trial.test.accuracy).toBeGreaterThanOrEqual(least);
      expect(reloaded.map((outcome) => outcome.exitCode)).toEqual(trials.map(() => exitCodes.done));
    },
    1_800_000,
  );
});
