import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { denseDigits, writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";

const experiment = `${denseDigits}training:
  epochs: 2
  batchSize: 20
  optimizer: { type: adam, learningRate: 0.01 }
sweep:
  grid:
    training.optimizer.learningRate: [0.01, 0.03]
  seeds: 2
`;

let folder = "";
const inFolder = (...parameters: string[]) => nightsweep(parameters, { cwd: folder });
const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
const jsonOf = (text: string): unknown => JSON.parse(text);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-cli-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 200, test: 80 });
  write("digits.yaml", experiment);
  write("broken.yaml", experiment.replace("units: 4", "unit: 4").replace("epochs: 2", "epochs: two"));
  const run = await inFolder("run", "digits.yaml", "--workers", "2");
  if (run.exitCode !== 0) throw new Error(run.stderr);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what people type wrong", () => {
  test("an unknown command fails with the nearest name", async () => {
    const { exitCode, stderr } = await inFolder("comapre", "digits");

    expect(stderr).toContain("Did you mean compare?");
    expect(exitCode).toBe(exitCodes.usage);
  });

  test("an unknown flag fails with the nearest name", async () => {
    const { exitCode, stderr } = await inFolder("run", "digits.yaml", "--worker", "2");

    expect(stderr).toContain("Did you mean --workers?");
    expect(exitCode).toBe(exitCodes.usage);
  });

  test("a flag's value out of range fails and says what is allowed", async () => {
    const { exitCode, stderr } = await inFolder("run", "digits.yaml", "--workers", "none");

    expect(stderr).toContain("whole number from 1 to 256");
    expect(exitCode).toBe(exitCodes.usage);
  });

  test("every mistake of a file is shown at once, with line, column and fix", async () => {
    const { exitCode, stdout } = await inFolder("validate", "digits.yaml", "broken.yaml");

    expect(stdout).toContain("digits.yaml: good, 4 trials");
    expect(stdout).toMatch(/broken\.yaml:8:\d+ {2}model\.layers\[1\]\.dense/);
    expect(stdout).toMatch(/broken\.yaml:10:\d+ {2}training\.epochs/);
    expect(stdout).toContain('got "two" (string)');
    expect(stdout).toContain("fix:");
    expect(exitCode).toBe(exitCodes.invalidInput);
  });

  test("a broken file is neither planned nor run", async () => {
    const outcomes = await Promise.all([inFolder("plan", "broken.yaml"), inFolder("run", "broken.yaml")]);

    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([exitCodes.invalidInput, exitCodes.invalidInput]);
    expect(outcomes.every(({ stdout }) => stdout === "")).toBe(true);
  });

  test("a file that is not there is named", async () => {
    const { exitCode, stderr } = await inFolder("run", "missing.yaml");

    expect(stderr).toContain("missing.yaml");
    expect(exitCode).toBe(exitCodes.missingInput);
  });

  test("an experiment without runs is told from those that have some", async () => {
    const { exitCode, stderr } = await inFolder("status", "digit");

    expect(stderr).toContain("experiments with runs are digits");
    expect(exitCode).toBe(exitCodes.missingInput);
  });

  test("a trial that is not there is refused", async () => {
    const { exitCode, stderr } = await inFolder("evaluate", "digits", "ffffffffffff");

    expect(stderr).toContain("fix:");
    expect(exitCode).toBe(exitCodes.missingInput);
  });

  test("data that are missing are named before anything runs", async () => {
    write("elsewhere.yaml", experiment.replace("./digits", "./digts"));

    const { exitCode, stderr } = await inFolder("run", "elsewhere.yaml");

    expect(stderr).toMatch(/elsewhere\.yaml:3:\d+ {2}data\.dataset/);
    expect(stderr).toContain("digts");
    expect(exitCode).toBe(exitCodes.invalidInput);
  });
});

describe("a finished run", () => {
  test("is not trained again by a second run, not even under another name", async () => {
    write("renamed.yaml", experiment.replace("name: digits", "name: renamed\ndescription: the same trials"));

    const again = await inFolder("run", "digits.yaml");
    const renamed = await inFolder("run", "renamed.yaml");

    expect(again.stderr).toContain("4 finished before, nothing left to train");
    expect(renamed.stderr).toMatch(/4 taken over from run \S+, nothing left to train/);
    expect([again.exitCode, renamed.exitCode]).toEqual([exitCodes.done, exitCodes.done]);
  });

  test("compares as JSON with a schema version, as CSV and as Markdown", async () => {
    const json = await inFolder("compare", "digits", "--output", "json");
    const csv = await inFolder("compare", "digits", "--output", "csv");
    const md = await inFolder("compare", "digits.yaml", "--output", "md");

    expect(jsonOf(json.stdout)).toMatchObject({
      schemaVersion: 1,
      experiment: "digits",
      trialCounts: { planned: 4, finished: 4, failed: 0 },
      columns: ["training.optimizer.learningRate"],
    });
    expect(csv.stdout.split("\n")[0]).toContain("training.optimizer.learningRate");
    expect(csv.stdout.trim().split("\n")).toHaveLength(3);
    expect(md.stdout).toMatch(/^\|.*\|\n\|[ :|-]+\|\n/);
  });

  test("has a confusion matrix per configuration and a difference of two", async () => {
    const matrix = await inFolder("compare", "digits", "--confusion", "best", "--output", "json");
    const diff = await inFolder("compare", "digits", "--diff", "1", "2", "--output", "json");

    const { counts } = jsonOf(matrix.stdout) as { counts: number[][] };
    expect(counts.flat().reduce((sum, count) => sum + count, 0)).toBe(160);
    expect(jsonOf(diff.stdout)).toMatchObject({ schemaVersion: 1, classNames: ["0", "1", "2", "3"] });
    expect([matrix.exitCode, diff.exitCode]).toEqual([exitCodes.done, exitCodes.done]);
  });

  test("has a status of every trial", async () => {
    const { stdout } = await inFolder("status", "digits", "--output", "json");

    const { trials } = jsonOf(stdout) as { trials: { state: string; seed: number }[] };
    expect(trials.map(({ state, seed }) => [state, seed])).toEqual([
      ["finished", 1],
      ["finished", 2],
      ["finished", 1],
      ["finished", 2],
    ]);
  });

  test("gives identical test figures from the model loaded again", async () => {
    const { exitCode, stdout } = await inFolder("evaluate", "digits", "best", "--output", "json");

    expect(jsonOf(stdout)).toMatchObject({ schemaVersion: 1, isEqual: true, predictionsAreEqual: true });
    expect(exitCode).toBe(exitCodes.done);
  });

  test("predicts single examples with one probability per class", async () => {
    const { stdout } = await inFolder("predict", "digits", "best", "--examples", "0-2,5", "--output", "json");

    const { predictions } = jsonOf(stdout) as { predictions: { example: number; probabilities: number[] }[] };
    expect(predictions.map(({ example }) => example)).toEqual([0, 1, 2, 5]);
    for (const { probabilities } of predictions) {
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
  });

  test("has a report in one file, in its record or where it is wanted", async () => {
    const { stdout } = await inFolder("report", "digits", "--file", "report.html");
    const stored = await inFolder("report", "digits", "--output", "json");

    const { file } = jsonOf(stored.stdout) as { file: string };
    expect(stdout).toContain("report.html");
    expect(readFileSync(path.join(folder, "report.html"), "utf8")).toBe(readFileSync(file, "utf8"));
  });
});

describe("what goes wrong on the way", () => {
  test("a loss that is not finite ends its trial with step and learning rate in the reason, and no other", async () => {
    const sweep = "training.optimizer.learningRate: [0.01, 0.03]";
    const diverging = experiment
      .replace("optimizer: { type: adam, learningRate: 0.01 }", "optimizer: { type: sgd, momentum: 0.9 }")
      .replace(sweep, "training.optimizer.learningRate: [0.01, 1.0e+38]")
      .replace("name: digits", "name: diverging");
    write("diverging.yaml", diverging);

    const run = await inFolder("run", "diverging.yaml");
    const status = await inFolder("status", "diverging", "--output", "json");
    const again = await inFolder("run", "diverging.yaml");

    const { trials } = jsonOf(status.stdout) as { trials: { state: string; failure?: { reason: string } }[] };
    expect(trials.map(({ state }) => state)).toEqual(["finished", "finished", "failed", "failed"]);
    expect(trials[2]?.failure?.reason).toMatch(/step \d+/);
    expect(trials[2]?.failure?.reason).toContain("1e+38");
    expect(run.exitCode).toBe(exitCodes.trialsFailed);
    expect(again.stderr).toContain("2 finished before, 2 to train");
  });

  test("a bug is called one, with what a report needs", async () => {
    const planted = 'JSON.stringify = () => { throw new Error("planted"); }';
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(planted)}` };

    const { exitCode, stderr } = await nightsweep(["status", "digits", "-o", "json"], { cwd: folder, environment });

    expect(stderr).toContain("bug in nightsweep");
    expect(stderr).toContain("planted");
    expect(exitCode).toBe(exitCodes.bug);
  });
});

describe("init", () => {
  test("writes a starter that is valid, and never over a file that is there", async () => {
    const first = await inFolder("init", "My Experiment.yaml");
    const validation = await inFolder("validate", "My Experiment.yaml");
    const second = await inFolder("init", "My Experiment.yaml");

    expect([first.exitCode, validation.exitCode, second.exitCode]).toEqual([0, 0, exitCodes.invalidInput]);
    expect(readFileSync(path.join(folder, "My Experiment.yaml"), "utf8")).toContain("name: my-experiment");
    expect(second.stderr).toContain("--force");
  });
});

describe("export", () => {
  test("writes the weights of a trial as a file that another experiment can start from", async () => {
    const exported = await inFolder("export", "digits", "best", "--to", "digits.safetensors", "-o", "json");
    const start = "model:\n  initialWeights: { file: digits.safetensors }\n";
    write("warm.yaml", experiment.replace("name: digits", "name: warm").replace("model:\n", start));

    const { exitCode, stdout } = await inFolder("validate", "warm.yaml");

    expect(jsonOf(exported.stdout)).toMatchObject({
      file: "digits.safetensors",
      tensors: [
        { name: "dense_1/kernel", shape: [64, 4] },
        { name: "dense_1/bias", shape: [4] },
      ],
    });
    expect(stdout).toContain("warm.yaml: good, 4 trials");
    expect(exitCode).toBe(0);
  });

  test("has models start from an experiment of the store", async () => {
    const start = "model:\n  initialWeights: { trial: digits }\n";
    write("warm.yaml", experiment.replace("name: digits", "name: warm").replace("model:\n", start));

    const { exitCode, stdout } = await inFolder("run", "warm.yaml", "-o", "json");

    expect(exitCode).toBe(0);
    expect(jsonOf(stdout)).toMatchObject({ experiment: "warm" });
  });
});
