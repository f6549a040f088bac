import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";

const base = `x-note: what all digit experiments share
data:
  dataset: { format: idx, folder: ./digits }
model:
  layers:
    - flatten
    - dense: { units: 4, activation: softmax }
training:
  epochs: 1
  batchSize: 20
`;
const derived = `extends: ../base.yaml
name: derived
training:
  optimizer: { type: adam }
sweep:
  random: { count: 2, seed: 3, space: { training.optimizer.learningRate: { logUniform: [0.001, 0.1] } } }
`;

let folder = "";
const inFolder = (parameters: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  nightsweep(parameters, { cwd: folder, environment: { GITHUB_ACTIONS: "", ...environment } });
const write = (name: string, text: string): void => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};
const jsonOf = (text: string): never => JSON.parse(text) as never;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-composition-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 100, test: 40 });
  write("package.json", "{}");
  write("base.yaml", base);
  write("experiments/derived.yaml", derived);
  write("experiments/broken.yml", derived.replace("type: adam", "type: adma"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("validate", () => {
  test("takes folders and patterns, and knows the base of other files", async () => {
    const [all, pattern] = await Promise.all([
      inFolder(["validate", "."]),
      inFolder(["validate", "experiments/**/d*.yaml"]),
    ]);

    expect(all.stdout).toContain("base.yaml: a base of other files, checked with them");
    expect(all.stdout).toContain("derived.yaml: good, 2 trials");
    expect(all.stdout).toMatch(/broken\.yml:4:\d+ {2}training\.optimizer\.type/);
    expect(all.exitCode).toBe(exitCodes.invalidInput);
    expect(pattern).toMatchObject({ stdout: "experiments/derived.yaml: good, 2 trials\n", exitCode: exitCodes.done });
  });

  test("of a base by its name says what is missing", async () => {
    const { stdout, exitCode } = await inFolder(["validate", "base.yaml"]);

    expect(stdout).toContain("name");
    expect(exitCode).toBe(exitCodes.invalidInput);
  });

  test("gives editors ranges, and GitHub annotations beside them", async () => {
    const parameters = ["validate", "experiments/broken.yml", "--output", "json"];

    const { stdout, stderr } = await inFolder(parameters, { GITHUB_ACTIONS: "true" });

    expect(jsonOf(stdout)).toMatchObject({
      files: [
        {
          file: "experiments/broken.yml",
          issues: [{ range: { start: { line: 4, column: 22 }, end: { line: 4, column: 26 } } }],
        },
      ],
    });
    expect(stderr).toMatch(
      /^::error file=experiments\/broken\.yml,line=4,col=22,endLine=4,endColumn=26,title=training\.optimizer\.type::got "adma"/,
    );
    expect(stderr).toContain("%0Afix: did you mean `adam`?");
  });

  test("of a pattern that nothing fits says so", async () => {
    const { stdout, exitCode } = await inFolder(["validate", "nowhere/*.yaml"]);

    expect(stdout).toContain("no YAML file");
    expect(exitCode).toBe(exitCodes.missingInput);
  });
});

describe("plan --show-config", () => {
  test("tells each value's file and line, default or flag", async () => {
    const { stdout } = await inFolder([
      "plan",
      "experiments/derived.yaml",
      "--show-config",
      "--set",
      "training.epochs=3",
    ]);

    expect(stdout).toMatch(/^name +derived +experiments\/derived\.yaml:2:7$/m);
    expect(stdout).toMatch(/^data\.dataset\.folder +"\.\.\/digits" +base\.yaml:3:\d+$/m);
    expect(stdout).toMatch(/^training\.epochs +3 +--set training\.epochs=3$/m);
    expect(stdout).toMatch(/^training\.optimizer\.learningRate +0\.001 \(swept in sweep\.random\.space\) +default$/m);
    expect(stdout).not.toContain("x-note");
  });

  test("does so as json", async () => {
    const { stdout } = await inFolder(["plan", "experiments/derived.yaml", "--show-config", "-o", "json"]);

    const { schemaVersion, values } = jsonOf(stdout) as { schemaVersion: number; values: readonly unknown[] };
    expect(schemaVersion).toBe(1);
    expect(values).toContainEqual({
      path: "training.batchSize",
      value: 20,
      from: { type: "file", file: "base.yaml", line: 10, column: 14 },
    });
  });
});

describe("run --set", () => {
  test("is another run of the same experiment, and trials that both have are trained once", async () => {
    const run = (...settings: string[]) =>
      inFolder([
        "run",
        "experiments/derived.yaml",
        "--store",
        "records",
        ...settings.flatMap((text) => ["--set", text]),
      ]);

    const first = await run();
    const longer = await run("training.epochs=2");
    const seeds = await run("sweep.seeds=2");
    const again = await run("training.epochs=2");

    expect([first, longer, seeds, again].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    const runs = [first, longer, seeds, again].map(({ stderr }) => /run (\S+):/.exec(stderr)?.[1]);
    expect(new Set(runs).size).toBe(3);
    expect(runs[3]).toBe(runs[1]);
    expect(seeds.stderr).toMatch(/4 trials, 2 taken over from run \S+, 2 to train/);
  }, 60_000);

  test("of a flag that is wrong is a wrong command line, of a value that is wrong a wrong experiment", async () => {
    const [flag, value] = await Promise.all([
      inFolder(["run", "experiments/derived.yaml", "--set", "training.epochs"]),
      inFolder(["run", "experiments/derived.yaml", "--set", "training.epochs=x"]),
    ]);

    expect(flag.exitCode).toBe(exitCodes.usage);
    expect(value.exitCode).toBe(exitCodes.invalidInput);
    expect(value.stderr).toMatch(/^--set training\.epochs=x {2}training\.epochs\n/);
  });
});
