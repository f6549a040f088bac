import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publishedSystems } from "../../src/compare/published-systems.ts";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { nightsweep } from "../cli/nightsweep-process.ts";
import { writeCifar100Folder } from "./cifar-folder.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-reference-plans-"));
const cifar100 = path.join(folder, "cifar100");

beforeAll(() => writeCifar100Folder(cifar100));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Layer = readonly [name: string, outputShape: string, parameterCount: number];

interface PlanJson {
  readonly models: readonly {
    readonly parameterCount: number;
    readonly layers: readonly {
      readonly name: string;
      readonly outputShape: readonly number[];
      readonly parameterCount: number;
    }[];
  }[];
  readonly trials: readonly unknown[];
}

async function planOf(name: string, ...settings: readonly string[]) {
  const file = path.join(root, "experiments", "reference", `${name}.yaml`);
  const flags = settings.flatMap((setting) => ["--set", setting]);
  const { stdout, stderr } = await nightsweep(["plan", file, "-o", "json", ...flags], { cwd: folder });
  if (stdout === "") throw new Error(stderr);
  const { models, trials } = JSON.parse(stdout) as PlanJson;
  const layers = models[0]?.layers.map(
    (layer): Layer => [layer.name, layer.outputShape.join("×"), layer.parameterCount],
  );
  return { models: models.length, layers, parameterCount: models[0]?.parameterCount, trials: trials.length };
}

// The tables are typed from the published descriptions: shapes and totals as given there, the parameters of single
// convolutions and dense layers from (height · width · inputs + 1) · outputs and (inputs + 1) · outputs.

const cnn: readonly Layer[] = [
  ["conv2d_1", "28×28×16", 160],
  ["maxPooling2d_1", "14×14×16", 0],
  ["conv2d_2", "14×14×32", 4640],
  ["maxPooling2d_2", "7×7×32", 0],
  ["flatten_1", "1568", 0],
  ["dense_1", "128", 200_832],
  ["dense_2", "10", 1290],
];

const mlp: readonly Layer[] = [
  ["flatten_1", "784", 0],
  ["dense_1", "256", 200_960],
  ["dense_2", "128", 32_896],
  ["dense_3", "64", 8256],
  ["dense_4", "10", 650],
];

const lenet5: readonly Layer[] = [
  ["conv2d_1", "24×24×6", 156],
  ["maxPooling2d_1", "12×12×6", 0],
  ["conv2d_2", "8×8×16", 2416],
  ["maxPooling2d_2", "4×4×16", 0],
  ["flatten_1", "256", 0],
  ["dense_1", "120", 30_840],
  ["dense_2", "84", 10_164],
  ["dense_3", "10", 850],
];

const lenet5Same: readonly Layer[] = [
  ["conv2d_1", "28×28×6", 156],
  ["maxPooling2d_1", "14×14×6", 0],
  ["conv2d_2", "10×10×16", 2416],
  ["maxPooling2d_2", "5×5×16", 0],
  ["flatten_1", "400", 0],
  ["dense_1", "120", 48_120],
  ["dense_2", "84", 10_164],
  ["dense_3", "10", 850],
];

const vgg13: readonly Layer[] = [
  ["conv2d_1", "32×32×64", 1792],
  ["conv2d_2", "32×32×64", 36_928],
  ["maxPooling2d_1", "16×16×64", 0],
  ["conv2d_3", "16×16×128", 73_856],
  ["conv2d_4", "16×16×128", 147_584],
  ["maxPooling2d_2", "8×8×128", 0],
  ["conv2d_5", "8×8×256", 295_168],
  ["conv2d_6", "8×8×256", 590_080],
  ["maxPooling2d_3", "4×4×256", 0],
  ["conv2d_7", "4×4×512", 1_180_160],
  ["conv2d_8", "4×4×512", 2_359_808],
  ["maxPooling2d_4", "2×2×512", 0],
  ["conv2d_9", "2×2×512", 2_359_808],
  ["conv2d_10", "2×2×512", 2_359_808],
  ["maxPooling2d_5", "1×1×512", 0],
  ["flatten_1", "512", 0],
  ["dense_1", "256", 131_328],
  ["dense_2", "128", 32_896],
  ["dense_3", "100", 12_900],
];

/** VGG-16's stages on images with `side`s before and after each pool. */
function vgg16Stages(
  sides: readonly [number, number, number, number, number, number],
  first: number,
  afterPool: (stage: number, shape: string) => readonly Layer[] = () => [],
): readonly Layer[] {
  const [a, b, c, d, e, f] = sides.map((side) => `${side}×${side}`);
  return [
    ["conv2d_1", `${a}×64`, first],
    ["conv2d_2", `${a}×64`, 36_928],
    ["maxPooling2d_1", `${b}×64`, 0],
    ...afterPool(1, `${b}×64`),
    ["conv2d_3", `${b}×128`, 73_856],
    ["conv2d_4", `${b}×128`, 147_584],
    ["maxPooling2d_2", `${c}×128`, 0],
    ...afterPool(2, `${c}×128`),
    ["conv2d_5", `${c}×256`, 295_168],
    ["conv2d_6", `${c}×256`, 590_080],
    ["conv2d_7", `${c}×256`, 590_080],
    ["maxPooling2d_3", `${d}×256`, 0],
    ...afterPool(3, `${d}×256`),
    ["conv2d_8", `${d}×512`, 1_180_160],
    ["conv2d_9", `${d}×512`, 2_359_808],
    ["conv2d_10", `${d}×512`, 2_359_808],
    ["maxPooling2d_4", `${e}×512`, 0],
    ...afterPool(4, `${e}×512`),
    ["conv2d_11", `${e}×512`, 2_359_808],
    ["conv2d_12", `${e}×512`, 2_359_808],
    ["conv2d_13", `${e}×512`, 2_359_808],
    ["maxPooling2d_5", `${f}×512`, 0],
    ...afterPool(5, `${f}×512`),
  ];
}

const vgg16At224: readonly Layer[] = [
  ...vgg16Stages([224, 112, 56, 28, 14, 7], 640),
  ["flatten_1", "25088", 0],
  ["dense_1", "4096", 102_764_544],
  ["dropout_1", "4096", 0],
  ["dense_2", "4096", 16_781_312],
  ["dropout_2", "4096", 0],
  ["dense_3", "10", 40_970],
];

const vgg16At28: readonly Layer[] = [
  ...vgg16Stages([28, 14, 7, 4, 2, 1], 640),
  ["flatten_1", "512", 0],
  ["dense_1", "4096", 2_101_248],
  ["dense_2", "4096", 16_781_312],
  ["dense_3", "10", 40_970],
];

const vgg16Sgd: readonly Layer[] = [
  ...vgg16Stages([224, 112, 56, 28, 14, 7], 1792, (stage, shape) => [[`activation_${stage}`, shape, 0]]),
  ["flatten_1", "25088", 0],
  ["dense_1", "4096", 102_764_544],
  ["dense_2", "4096", 16_781_312],
  ["dense_3", "1000", 4_097_000],
  ["dense_4", "10", 10_010],
];

describe("the plan of a reference system", () => {
  test.each<[name: string, layers: readonly Layer[], parameterCount: number, trials: number, settings?: string[]]>([
    ["cnn-mnist", cnn, 206_922, 3],
    ["mlp-mnist", mlp, 242_762, 1],
    ["lenet5-mnist", lenet5, 44_426, 1],
    ["lenet5-mnist", lenet5Same, 61_706, 1, ["model.layers[0].conv2d.padding=same"]],
    ["vgg13-cifar100", vgg13, 9_582_116, 1, [`data.dataset={format: cifar100, folder: ${JSON.stringify(cifar100)}}`]],
    ["vgg16-mnist-224", vgg16At224, 134_300_362, 1],
    ["vgg16-mnist-28-same", vgg16At28, 33_637_066, 1],
    ["vgg16-mnist-sgd", vgg16Sgd, 138_367_554, 1],
  ])("%s has the published layers", async (name, layers, parameterCount, trials, settings = []) => {
    expect(await planOf(name, ...settings)).toEqual({ models: 1, layers, parameterCount, trials });
  });

  test("vgg16-mnist-224 has the published parameters of each block and of the head", async () => {
    const { layers = [] } = await planOf("vgg16-mnist-224");

    const sums: number[] = [0];
    for (const [name, , parameterCount] of layers) {
      sums.push((sums.pop() ?? 0) + parameterCount);
      if (name.startsWith("maxPooling2d")) sums.push(0);
    }
    expect(sums).toEqual([37_568, 221_440, 1_475_328, 5_899_776, 7_079_424, 119_586_826]);
  });

  test.each(["plan", "run"])(
    "vgg16-mnist-28 is refused by `%s` at pool 5, with its input, why, and what to change",
    async (command) => {
      const file = path.join(root, "test", "fixtures", "reference", "vgg16-mnist-28.yaml");

      const { exitCode, stdout, stderr } = await nightsweep([command, file, "--store", "never"], { cwd: folder });

      expect(stderr).toContain(
        'layer 18 (maxPooling2d_5, pool 5, block vgg in model.layers[4]): its window 2×2 does not fit its input 1×1×512 with padding "valid": no output would be left',
      );
      expect(stderr).toContain("vgg16-mnist-28.yaml:17:11");
      expect(stderr).toContain("fix: use `padding: same`, or fewer pools (fewer blocks), or images of at least 32×32");
      expect([exitCode, stdout]).toEqual([exitCodes.invalidInput, ""]);
      expect(existsSync(path.join(folder, "never"))).toBe(false);
    },
  );
});

describe("the comment of a reference experiment", () => {
  const commentOf = (name: string): string =>
    readFileSync(path.join(root, "experiments", "reference", `${name}.yaml`), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("#"))
      .map((line) => line.slice(2))
      .join(" ")
      .toLowerCase();

  test.each(publishedSystems.map((system) => [system.name, system] as const))(
    "%s quotes the published figures and says in what it differs",
    (name, { parameterCount, final, byEpoch, deviations }) => {
      const comment = commentOf(name);

      const { millisecondsPerStep, ...shares } = final;
      const decimals = [...Object.values(shares), ...Object.values(byEpoch).flat()].filter((value) => value !== null);
      const quotes = [
        parameterCount.value.toLocaleString("en-US"),
        ...decimals.map((value) => value.toFixed(4)),
        ...(millisecondsPerStep === undefined ? [] : [`${millisecondsPerStep} ms a step`]),
        ...deviations.map((deviation) => deviation.toLowerCase()),
      ];
      expect(quotes.filter((quote) => !comment.includes(quote))).toEqual([]);
    },
  );
});
