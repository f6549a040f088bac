import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { denseDigits, writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";

let folder = "";
const inFolder = (parameters: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  nightsweep(parameters, { cwd: folder, environment });
const read = (name: string): string => readFileSync(path.join(folder, name), "utf8");

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-exports-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 120, test: 40 });
  const sweep = "sweep: { grid: { training.optimizer.learningRate: [0.01, 0.1] }, seeds: 2 }\n";
  writeFileSync(
    path.join(folder, "digits.yaml"),
    `${denseDigits}training: { epochs: 2, batchSize: 20, logEverySteps: 3 }\n${sweep}`,
  );
  const run = await inFolder(["run", "digits.yaml", "--workers", "2"]);
  if (run.exitCode !== 0) throw new Error(run.stderr);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("nightsweep export", () => {
  test("writes all tables as CSV and says how many rows each has", async () => {
    const tables = "trials,curves,steps,predictions";

    const { stdout } = await inFolder([
      ..."export digits --format csv --to t --output json --tables".split(" "),
      tables,
    ]);

    const { files } = JSON.parse(stdout) as { files: { file: string; rows: number }[] };
    expect(files.map(({ file, rows }) => [path.basename(file), rows])).toEqual([
      ["trials.csv", 4],
      ["curves.csv", 8],
      // Of 10 steps, every third.
      ["steps.csv", 12],
      ["predictions.csv", 160],
    ]);
    expect(read("t/curves.csv").trim().split("\r\n")).toHaveLength(9);
  });

  test("of one configuration writes its seeds only", async () => {
    await inFolder("export digits best --format json --to best".split(" "));

    const rows = JSON.parse(read("best/trials.json")) as { rank: number; seed: number }[];
    expect(rows.map(({ rank, seed }) => [rank, seed])).toEqual([[1, 1], [1, 2]]); // biome-ignore format: rank, seed
  });

  test("still writes weights without --format", async () => {
    const { stdout } = await inFolder("export digits best --to w.safetensors".split(" "));

    expect(stdout).toMatch(/^w\.safetensors: \d+ tensors of trial [0-9a-f]{20}\n$/);
    expect(existsSync(path.join(folder, "w.safetensors"))).toBe(true);
  });

  test("refuses a table that there isn't, and names those that there are", async () => {
    const { exitCode, stderr } = await inFolder("export digits --format csv --tables trial".split(" "));

    expect(exitCode).toBe(exitCodes.usage);
    expect(stderr).toContain('"trial" is none of trials, curves, steps, predictions');
  });

  test("to an MLflow server that nobody named says how to name it, to one that is away keeps its password", async () => {
    const unnamed = await inFolder("export digits --format mlflow".split(" "));
    const away = await inFolder("export digits --format mlflow --to http://me:hush-hush@127.0.0.1:9".split(" "));

    expect([unnamed.exitCode, away.exitCode]).toEqual([exitCodes.usage, exitCodes.infrastructure]);
    expect(unnamed.stderr).toContain("set MLFLOW_TRACKING_URI");
    expect(away.stderr).toContain("the MLflow server at http://127.0.0.1:9 doesn't answer");
    expect(away.stderr + away.stdout).not.toContain("hush-hush");
  });
});

describe("nightsweep plot", () => {
  test.each(["curves digits", "leaderboard digits", "confusion digits best", "difference digits 1 2", "pareto digits"])(
    "draws %s",
    async (what) => {
      const file = `${what.split(" ")[0]}.svg`;

      const { stdout, stderr } = await inFolder(["plot", ...what.split(" "), "--width", "85"]);

      expect(stderr).toBe("");
      expect(stdout).toMatch(new RegExp(`^${file} \\(`));
      expect(read(file)).toContain('width="240.94pt"');
    },
  );

  test("writes PNG at the resolution that was asked for", async () => {
    await inFolder("plot curves digits --file c.png --dpi 254 --width 100".split(" "));

    const { width, density } = await sharp(path.join(folder, "c.png")).metadata();
    expect([width, density]).toEqual([1000, 254]);
  });

  test.each([
    ["plot curves digits --metric testAcuracy", exitCodes.usage, "did you mean testAccuracy?"],
    ["plot curves digits --file c.pdf", exitCodes.usage, "expected .svg or .png"],
    ["plot difference digits 1", exitCodes.usage, "a difference is of two"],
    ["plot importance digits", exitCodes.missingInput, "4 trials are finished, too few"],
    ["plot pareto digits --cost meanUsd", exitCodes.missingInput, "run.budget.pricePerHour"],
  ])("%s is refused with the way out", async (command, code, hint) => {
    const { exitCode, stderr } = await inFolder(command.split(" "));

    expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: expect.stringContaining(hint) as string });
  });
});

describe("tables and cards for people", () => {
  test("--output latex gives the leaderboard as people read it", async () => {
    const { stdout } = await inFolder("compare digits --output latex".split(" "));

    expect(stdout).toMatch(/\\begin\{tabular\}\{rll/);
    expect(stdout.match(/ \\\\$/gm)).toHaveLength(3);
    expect(stdout).toContain("$\\pm$");
  });

  test("a model card has figures, classes, limits and commands that run, and no folder of this machine", async () => {
    const { stdout } = await inFolder("card digits best --file card.md".split(" "));

    const card = read("card.md");
    const sections = [...card.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(stdout).toMatch(/^card\.md \(/);
    expect(sections).toEqual([
      "Figures",
      "By class",
      "Most frequent mistakes",
      "Limits",
      "Data",
      "Architecture",
      "Training",
      "Where it comes from",
      "To make and use it again",
    ]);
    expect(card).not.toContain(folder);
    const command = /^nightsweep (evaluate .*?)(?: +#.*)?$/m.exec(card)?.[1] ?? "";
    expect((await inFolder(command.split(" "))).exitCode).toBe(0);
  });
});
