import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { denseDigits, writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";

const experiment = `${denseDigits}training:
  epochs: 3
  batchSize: 20
  checkpoint: { everyEpochs: 1, keep: 2 }
  logEverySteps: 4
evaluation: { batchSize: 30, topK: 2 }
sweep: { seeds: 2 }
`;

const side = 8;
const testCount = 80;
let folder = "";
const inFolder = (...parameters: string[]) => nightsweep(parameters, { cwd: folder });
const linesOf = (text: string): string[][] =>
  text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));

interface Prediction {
  readonly example: number;
  readonly label: number;
  readonly predicted: number;
  readonly probabilities: readonly number[];
}

async function predictionsOf(...parameters: string[]): Promise<readonly Prediction[]> {
  const { stdout, stderr } = await inFolder("predict", "digits", "best", ...parameters, "--output", "json");
  if (stdout === "") throw new Error(stderr);
  return (JSON.parse(stdout) as { predictions: Prediction[] }).predictions;
}

/** Writes a test image as a file of its own. */
async function writeImage(name: string, example: number, { isInverted = false } = {}): Promise<void> {
  const file = readFileSync(path.join(folder, "digits", "t10k-images-idx3-ubyte"));
  const pixels = file.subarray(16 + example * side * side, 16 + (example + 1) * side * side);
  const shown = Uint8Array.from(pixels, (value) => (isInverted ? 255 - value : value));
  await sharp(shown, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toFile(path.join(folder, name));
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-outputs-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 200, test: testCount });
  writeFileSync(path.join(folder, "digits.yaml"), experiment);
  const run = await inFolder("run", "digits.yaml", "--workers", "2");
  if (run.exitCode !== 0) throw new Error(run.stderr);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the log of a trial", () => {
  test("has a line per epoch as CSV, with full numbers", async () => {
    const { stdout } = await inFolder("curves", "digits", "best", "--output", "csv");

    const [header = [], ...lines] = linesOf(stdout);
    expect(header).toEqual(
      "epoch,step,loss,accuracy,validationLoss,validationAccuracy,testLoss,testAccuracy,learningRate,seconds".split(
        ",",
      ),
    );
    expect(lines.map(([epoch, step]) => [epoch, step])).toEqual([
      ["1", "8"],
      ["2", "16"],
      ["3", "24"],
    ]);
    expect(lines[0]?.[2]?.length).toBeGreaterThan(10);
  });

  test("can be had of all trials at once, each named", async () => {
    const { stdout } = await inFolder("curves", "digits", "--all", "--output", "csv");

    const [header = [], ...lines] = linesOf(stdout);
    expect(header.slice(0, 3)).toEqual(["trial", "seed", "epoch"]);
    expect(lines.map(([, seed, epoch]) => `${seed} ${epoch}`)).toEqual(["1 1", "1 2", "1 3", "2 1", "2 2", "2 3"]);
  });

  test("has the means of `logEverySteps` on request", async () => {
    const { stdout } = await inFolder("curves", "digits", "--steps", "--output", "csv");

    expect(linesOf(stdout).map(([, step]) => step)).toEqual(["step", "4", "8", "12", "16", "20", "24"]);
  });

  test("leaves out for people what was not measured", async () => {
    const { stdout } = await inFolder("curves", "digits");

    expect(stdout).toContain("validation accuracy");
    expect(stdout).not.toContain("test accuracy");
  });
});

describe("predictions", () => {
  test("of all test examples are those of the record", async () => {
    const { stdout } = await inFolder("predict", "digits", "best", "--all", "--output", "csv");

    const evaluation = await inFolder("evaluate", "digits", "best", "--output", "json");
    const { test } = JSON.parse(evaluation.stdout) as { test: { accuracy: number } };
    const [header = [], ...lines] = linesOf(stdout);
    expect(header).toEqual(["example", "label", "predicted", "probability", "isRight"]);
    expect(lines.map(([example]) => Number(example))).toEqual([...Array(testCount).keys()]);
    expect(lines.filter(([, , , , isRight]) => isRight === "true").length).toBe(Math.round(test.accuracy * testCount));
  });

  test("of random test examples are drawn from the seed, each example once", async () => {
    const examplesOf = async (...parameters: string[]) =>
      (await predictionsOf("--random", "10", ...parameters)).map(({ example }) => example);

    const first = await examplesOf();
    expect(await examplesOf("--seed", "1")).toEqual(first);
    expect(await examplesOf("--seed", "2")).not.toEqual(first);
    expect(new Set(first).size).toBe(10);
  });

  test("can be had from the checkpoint of an epoch: the last one's are the saved model's", async () => {
    const [saved, third, second] = await Promise.all([
      predictionsOf("--all"),
      predictionsOf("--all", "--checkpoint", "3"),
      predictionsOf("--all", "--checkpoint", "2"),
    ]);

    expect(third).toEqual(saved);
    expect(second).not.toEqual(saved);
  });

  test("of a checkpoint that was not kept are refused, and those that are there are named", async () => {
    const { exitCode, stderr } = await inFolder("predict", "digits", "best", "--checkpoint", "1");

    expect(stderr).toContain("the checkpoint after epoch 1 was not kept: those after epoch 2, 3 are there");
    expect(exitCode).toBe(exitCodes.invalidInput);
  });

  test("of an image file are those of the same test example, also inverted", async () => {
    await writeImage("same.png", 5);
    await writeImage("inverted.png", 5, { isInverted: true });

    const [example] = await predictionsOf("--examples", "5");
    const [same] = await predictionsOf("--image", "same.png");
    const [inverted] = await predictionsOf("--image", "inverted.png", "--invert");
    expect(same?.probabilities).toEqual(example?.probabilities);
    expect(inverted?.probabilities).toEqual(example?.probabilities);
  });

  test("of image files show the most probable classes of each", async () => {
    await writeImage("a.png", 0);
    await writeImage("b.png", 1);

    const { stdout } = await inFolder("predict", "digits", "--image", "a.png", "b.png", "--top", "2", "-o", "csv");

    const [, ...lines] = linesOf(stdout);
    expect(lines.map(([image, rank]) => `${image} ${rank}`)).toEqual(["a.png 1", "a.png 2", "b.png 1", "b.png 2"]);
    expect(Number(lines[0]?.[3])).toBeGreaterThan(Number(lines[1]?.[3]));
  });

  test("of files that are missing or no images are refused, all at once", async () => {
    const { exitCode, stderr } = await inFolder("predict", "digits", "--image", "missing.png", "digits.yaml");

    expect(stderr).toContain("missing.png: there is no such image file");
    expect(stderr).toContain("digits.yaml: the image can't be decoded");
    expect(exitCode).toBe(exitCodes.invalidInput);
  });

  test("can't be asked for in two ways at once", async () => {
    const { exitCode, stderr } = await inFolder("predict", "digits", "--all", "--random", "3");

    expect(stderr).toContain("cannot be used with option");
    expect(exitCode).toBe(exitCodes.usage);
  });
});

describe("pictures", () => {
  test("of the first examples of a part stand in a grid with their labels", async () => {
    const { stdout } = await inFolder("samples", "digits.yaml", "--grid", "2x3", "--split", "validation", "-o", "json");

    const { examples } = JSON.parse(stdout) as { examples: { example: number; label: number }[] };
    const svg = readFileSync(path.join(folder, "samples.svg"), "utf8");
    // The last quarter of 200 examples is held out: 150 is the first of them. The labels go 0, 1, 2, 3, 0, …
    expect(examples.map(({ example, label }) => [example, label])).toEqual(
      [0, 1, 2, 3, 4, 5].map((example) => [example, (150 + example) % 4]),
    );
    expect(svg.match(/<image /g)).toHaveLength(6);
  });

  test("can be drawn at random from the test examples, as PNG", async () => {
    const parameters = ["--random", "--seed", "3", "--split", "test", "--file", "grid.png", "-o", "json"];
    const { stdout } = await inFolder("samples", "digits.yaml", ...parameters);
    const again = await inFolder("samples", "digits.yaml", ...parameters);

    const { width, height } = await sharp(path.join(folder, "grid.png")).metadata();
    const { examples } = JSON.parse(stdout) as { examples: { example: number }[] };
    expect([width, height]).toEqual([3 * 124 + 12, 3 * 146 + 12]);
    expect(new Set(examples.map(({ example }) => example)).size).toBe(9);
    expect(again.stdout).toBe(stdout);
  });

  test("of a kind that nobody can draw are refused", async () => {
    const { exitCode, stderr } = await inFolder("samples", "digits.yaml", "--file", "grid.gif");

    expect(stderr).toContain("expected .svg or .png");
    expect(exitCode).toBe(exitCodes.usage);
  });

  test("are in the report only if they are asked for", async () => {
    await inFolder("report", "digits", "--file", "plain.html");
    await inFolder("report", "digits", "--file", "pictures.html", "--images");

    const read = (name: string): string => readFileSync(path.join(folder, name), "utf8");
    expect(read("plain.html")).not.toContain("img-src");
    expect(read("pictures.html")).toContain("img-src data:");
    expect(read("pictures.html").length).toBeGreaterThan(read("plain.html").length);
  });

  test("of data that have changed since the run are refused", async () => {
    const labels = path.join(folder, "digits", "t10k-labels-idx1-ubyte");
    const original = readFileSync(labels);
    const changed = Buffer.from(original);
    changed[changed.length - 1] = 0;
    writeFileSync(labels, changed);

    const { exitCode, stderr } = await inFolder("report", "digits", "--file", "changed.html", "--images");
    writeFileSync(labels, original);

    expect(stderr).toContain('the data set "digits" has changed since the run');
    expect(exitCode).toBe(exitCodes.invalidInput);
  });
});

describe("the plan for people", () => {
  test("says why there are so many trials, what is finished, and what a run takes", async () => {
    const { stdout } = await inFolder("plan", "digits.yaml");

    expect(stdout).toContain("2 trials = 1 configuration × 2 seeds");
    expect(stdout).toContain("2 already finished and not trained again, 0 to train");
    expect(stdout).toMatch(/the same trials as in the last run \d{8}T/);
    expect(stdout).toMatch(/memory about \d+ MiB a worker \(process 135 MiB/);
    expect(stdout).toMatch(/stored: .* a trial \(2 checkpoints of/);
  });

  test("compares with the last run, and estimates time and cost of what is new", async () => {
    writeFileSync(path.join(folder, "changed.yaml"), experiment.replace("epochs: 3", "epochs: 4"));

    const human = await inFolder("plan", "changed.yaml");
    const json = await inFolder("plan", "changed.yaml", "--output", "json");

    expect(human.stdout).toContain("0 unchanged, 2 new, 2 gone");
    expect(human.stdout).toContain("training.epochs: 3 → 4 (1 configuration)");
    expect(human.stdout).toMatch(/time here about .* with \d+ workers?, .* … .*wasm/);
    expect(human.stdout).toMatch(/UNVERIFIED prices[^]*g4dn\.xlarge +nvidia-t4/);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      outlook: { trialsToTrain: 2, changes: { fields: [{ path: "training.epochs", before: "3", after: "4" }] } },
    });
  });

  test("takes speeds and prices from the person's own files, and says what is wrong with one", async () => {
    const shipped = (name: string): string => readFileSync(new URL(`../../src/cli/${name}`, import.meta.url), "utf8");
    writeFileSync(path.join(folder, "changed.yaml"), experiment.replace("epochs: 3", "epochs: 4"));
    writeFileSync(path.join(folder, "speeds.json"), shipped("measured-speeds.json").replace('"wasm"', '"wasn"'));
    writeFileSync(path.join(folder, "prices.json"), shipped("instance-prices.json").replace("USD", "EUR"));
    writeFileSync(path.join(folder, "broken.json"), shipped("instance-prices.json").replace("0.526", '"cheap"'));

    const own = await inFolder("plan", "changed.yaml", "--speeds", "speeds.json", "--prices", "prices.json");
    const broken = await inFolder("plan", "changed.yaml", "--prices", "broken.json");

    expect(own.stdout).toContain("in EUR");
    expect(own.stdout).not.toContain("time here");
    expect(broken.stderr).toContain("instances.0.onDemandPerHour");
    expect(broken.exitCode).toBe(exitCodes.invalidInput);
  });
});

describe("figures of the test", () => {
  test("of each class are true and false positives and negatives, as CSV and Markdown", async () => {
    const [csv, md] = await Promise.all([
      inFolder("compare", "digits", "--confusion", "best", "--output", "csv"),
      inFolder("compare", "digits", "--confusion", "best", "--output", "md"),
    ]);

    const [header = [], ...lines] = linesOf(csv.stdout);
    expect(header.slice(0, 5)).toEqual("name,truePositives,falsePositives,falseNegatives,trueNegatives".split(","));
    // Both seeds were tested on all examples.
    expect(lines.map((line) => line.slice(1, 5).reduce((sum, count) => sum + Number(count), 0))).toEqual(
      Array.from({ length: 4 }, () => 2 * testCount),
    );
    expect(md.stdout).toMatch(/^\| class +\| +TP \| +FP \| +FN \| +TN \|/);
  });

  test("are all in the comparison's JSON and CSV, and shown to people on request", async () => {
    const [json, csv, usual, all] = await Promise.all([
      inFolder("compare", "digits", "--output", "json"),
      inFolder("compare", "digits", "--output", "csv"),
      inFolder("compare", "digits"),
      inFolder("compare", "digits", "--metrics", "--top-k", "3"),
    ]);

    const { topK, configurations } = JSON.parse(json.stdout) as { topK: number; configurations: { metrics: object }[] };
    expect(topK).toBe(2);
    expect(Object.keys(configurations[0]?.metrics ?? {})).toContain("testBrierScore");
    expect(csv.stdout).toContain("testCalibrationErrorMean");
    expect(usual.stdout).toContain("test top-2 accuracy");
    expect(usual.stdout).not.toContain("Brier");
    expect(all.stdout).toMatch(/test top-3 accuracy.*test kappa.*test Brier score/);
  });
});
