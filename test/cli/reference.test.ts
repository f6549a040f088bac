import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { nightsweep, startNightsweep } from "./nightsweep-process.ts";

interface System {
  readonly name: string;
  readonly trials?: { readonly planned: number; readonly finished: number };
  readonly figures: readonly { readonly figure: string; readonly ours?: number; readonly published?: number }[];
  readonly leftOut?: { readonly reason: string; readonly fix: string };
}

const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-reference-"));
const noData = { NIGHTSWEEP_DATA: path.join(folder, "no-data"), HOME: folder, USERPROFILE: folder };
const reference = (...parameters: string[]) =>
  nightsweep(["reference", ...parameters], { cwd: folder, environment: noData });
const systemsOf = (stdout: string): readonly System[] => (JSON.parse(stdout) as { systems: System[] }).systems;
const small = ["data.subset.train.first=1200", "data.subset.test.first=200", "training.batchSize=100"];
const settings = [...small, "training.epochs=1"].flatMap((setting) => ["--set", setting]);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the reference systems", () => {
  test("are all listed with published figures and parameters, and nothing is trained, if only a report is wanted", async () => {
    const { exitCode, stdout } = await reference("--report-only", "--store", "empty", "--output", "json");

    const systems = systemsOf(stdout);
    expect(systems.map(({ name, trials }) => [name, trials?.finished])).toEqual([
      ["mlp-mnist", 0],
      ["lenet5-mnist", 0],
      ["cnn-mnist", 0],
      ["vgg16-mnist-224", 0],
      ["vgg16-mnist-28-same", 0],
      ["vgg13-cifar100", undefined],
      ["vgg16-mnist-sgd", 0],
    ]);
    const parameters = systems.map(({ figures }) => figures.find(({ figure }) => figure === "parameterCount"));
    expect(parameters.filter((row) => row?.ours !== undefined && row.ours !== row.published)).toEqual([]);
    expect(exitCode).toBe(exitCodes.done);
    expect(existsSync(path.join(folder, "empty"))).toBe(false);
  });

  test("that take longer than wanted, or lack their data, are left out with time and way to get them", async () => {
    const { stdout } = await reference("--max-minutes", "0", "--store", "empty");

    expect(stdout).toMatch(/vgg16-mnist-224: would take about .* and .* MiB of memory a worker; the limit is 0 min/);
    expect(stdout).toContain("→ nightsweep reference vgg16-mnist-224");
    expect(stdout).toMatch(/vgg13-cifar100: .*no-data[^]*cifar-100-binary\.tar\.gz[^]*NIGHTSWEEP_DATA/);
    expect(stdout).toContain("cnn-mnist: not trained");
    expect(existsSync(path.join(folder, "empty"))).toBe(false);
  });

  test("are trained as `run` trains them, once, and stand beside the published figures", async () => {
    const first = await reference("lenet5-mnist", ...settings, "--store", "records", "--output", "json");
    const again = await reference("lenet5-mnist", ...settings, "--store", "records");
    const run = await nightsweep(["status", "lenet5-mnist", "--store", "records", "-o", "json"], { cwd: folder });

    const [system] = systemsOf(first.stdout);
    const { trials } = JSON.parse(run.stdout) as { trials: { test: { accuracy: number } }[] };
    expect(system?.trials).toEqual({ planned: 1, finished: 1 });
    expect(system?.figures[1]).toMatchObject({ figure: "testAccuracy", published: 0.9513 });
    expect(system?.figures[1]?.ours).toBe(trials[0]?.test.accuracy);
    expect(again.stderr).toContain("nothing left to train");
    expect(again.stdout).toContain("Not the published settings: data.subset.train.first=1200");
    expect(again.stdout).toMatch(/test accuracy +0\.\d{4} +0\.9513 +[+−]0\.\d{4}/);
    expect(again.stdout).toContain("note: The published validation fraction is not known");
    expect([first.exitCode, again.exitCode]).toEqual([exitCodes.done, exitCodes.done]);
  });

  test("stop at a checkpoint on Ctrl-C, and no other system is begun", async () => {
    const long = [...small, "training.epochs=200"].flatMap((setting) => ["--set", setting]);
    const running = startNightsweep(["reference", "mlp-mnist", "cnn-mnist", ...long, "--store", "stopped"], {
      cwd: folder,
    });

    await running.reached(1);
    running.child.kill("SIGINT");

    const { exitCode, stdout, stderr } = await running.outcome;
    expect(exitCode).toBe(exitCodes.checkpointed);
    expect(stderr).toContain("Run the same command again to go on");
    expect(stderr).not.toContain("cnn-mnist run");
    expect(stdout).toContain("mlp-mnist: not trained");
  });

  test("whose data are missing are refused before anything runs if they are named", async () => {
    const { exitCode, stderr } = await reference("mlp-mnist", "vgg13-cifar100", "--store", "empty");

    expect(stderr).toMatch(/vgg13-cifar100\.yaml:\d+:\d+ {2}data\.dataset/);
    expect(exitCode).toBe(exitCodes.invalidInput);
    expect(existsSync(path.join(folder, "empty"))).toBe(false);
  });

  test("that nobody knows are refused with those there are", async () => {
    const { exitCode, stderr } = await reference("alexnet");

    expect(stderr).toContain("mlp-mnist, lenet5-mnist, cnn-mnist");
    expect(exitCode).toBe(exitCodes.usage);
  });

  test("are not trained with a setting that doesn't fit one of them", async () => {
    const { exitCode, stderr } = await reference("--set", "training.epoch=1", "--store", "empty");

    expect(stderr).toContain('--set training.epoch=1  training.epoch\n  unknown key "epoch"');
    expect(exitCode).toBe(exitCodes.invalidInput);
  });
});
