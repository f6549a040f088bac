import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nightsweep } from "../cli/nightsweep-process.ts";
import { cifar10Names, writeCifar100Folder, writeCifar10Folder } from "./cifar-folder.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-cifar-"));
const family = path.join(root, "experiments", "vgg-family-cifar10.yaml");
const vgg13 = path.join(root, "experiments", "reference", "vgg13-cifar100.yaml");

/** Small files of the official layout in the place of the whole data set. */
const smallData = (format: "cifar10" | "cifar100"): string[] => [
  "--set",
  `data.dataset={format: ${format}, folder: ${JSON.stringify(path.join(folder, format))}}`,
  "--set",
  "training.batchSize=10",
];
const inFolder = (...parameters: string[]) => nightsweep(parameters, { cwd: folder });

beforeAll(() => {
  writeCifar10Folder(path.join(folder, "cifar10"));
  writeCifar100Folder(path.join(folder, "cifar100"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Parameters of a VGG by hand: 3×3 convolutions in five stages on 32×32×3, then 512 → 256 → 128 → 10. */
function vggParameters(depths: readonly [number, number, number, number, number]): number {
  const filters = [64, 128, 256, 512, 512];
  let channels = 3;
  let sum = (512 + 1) * 256 + (256 + 1) * 128 + (128 + 1) * 10;
  depths.forEach((depth, stage) => {
    for (let layer = 0; layer < depth; layer++) {
      sum += (3 * 3 * channels + 1) * (filters[stage] ?? 0);
      channels = filters[stage] ?? 0;
    }
  });
  return sum;
}

describe("the VGG family in one file", () => {
  test("is planned as VGG-11, -13, -16 and -19 with their convolutions and parameters", async () => {
    const { stdout } = await inFolder("plan", family, ...smallData("cifar10"), "-o", "json");

    const { models } = JSON.parse(stdout) as {
      models: { name: string; parameterCount: number; layers: { name: string }[] }[];
    };
    const weightLayers = models.map(
      ({ layers }) => layers.filter(({ name }) => name.startsWith("conv2d") || name.startsWith("dense")).length,
    );
    expect(models.map(({ name }) => name)).toEqual(["vgg11", "vgg13", "vgg16", "vgg19"]);
    expect(weightLayers).toEqual([11, 13, 16, 19]);
    expect(models.map(({ parameterCount }) => parameterCount)).toEqual([9_385_994, 9_570_506, 14_880_202, 20_189_898]);
    expect(models.map(({ parameterCount }) => parameterCount)).toEqual([
      vggParameters([1, 1, 2, 2, 2]),
      vggParameters([2, 2, 2, 2, 2]),
      vggParameters([2, 2, 3, 3, 3]),
      vggParameters([2, 2, 4, 4, 4]),
    ]);
  });

  test("quotes its parameters in its comment and shows them to people", async () => {
    const { stdout } = await inFolder("plan", family, ...smallData("cifar10"));

    const comment = readFileSync(family, "utf8");
    for (const count of [9_385_994, 9_570_506, 14_880_202, 20_189_898]) {
      expect(comment).toContain(count.toLocaleString("en-US"));
      expect(stdout).toContain(`${count.toLocaleString("en-US").replaceAll(",", "\u202f")} parameters`);
    }
  });
});

describe("a 4×3 grid of CIFAR samples", () => {
  const captionsOf = (file: string): string[] =>
    [...readFileSync(path.join(folder, file), "utf8").matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(
      ([, caption = ""]) => caption,
    );

  test("has twelve images of CIFAR-10 with the names of their classes, four rows of three", async () => {
    const { stdout } = await inFolder("samples", family, "--grid", "4x3", "--file", "ten.svg", ...smallData("cifar10"));

    const svg = readFileSync(path.join(folder, "ten.svg"), "utf8");
    const rows = new Set([...svg.matchAll(/<image [^>]*y="([\d.]+)"/g)].map(([, y]) => y));
    expect(captionsOf("ten.svg")).toEqual([...cifar10Names, "airplane", "automobile"]);
    expect(rows.size).toBe(4);
    expect(stdout).toContain("12 train examples");
  });

  test("has the fine names of CIFAR-100", async () => {
    await inFolder("samples", vgg13, "--grid", "4x3", "--file", "hundred.svg", ...smallData("cifar100"));

    expect(captionsOf("hundred.svg")).toEqual(Array.from({ length: 12 }, (_, index) => `fine_${index}`));
  });
});
