import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, expect, test } from "vitest";
import { findMnistPackage, openMnist } from "../../src/dataset/open-mnist.ts";
import type { PlannedDataset } from "../../src/plan/plan.ts";
import { loadGood } from "./load-for-test.ts";
import { idxFileNames, smallIdxFiles, temporaryFolder } from "./write-datasets.ts";

describe("MNIST by name", () => {
  test("is all 70,000 images of 28×28 pixels", async () => {
    const { manifest, train, test } = await loadGood("mnist");

    const planned: PlannedDataset = manifest;
    expect(planned).toMatchObject({
      name: "mnist",
      imageShape: [28, 28, 1],
      classCount: 10,
      classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
      trainExamples: 60_000,
      testExamples: 10_000,
    });
    expect([train.count, train.images.length, train.labels.length]).toEqual([60_000, 60_000 * 784, 60_000]);
    expect([test.count, test.images.length, test.labels.length]).toEqual([10_000, 10_000 * 784, 10_000]);
  });

  test("starts with the well-known digits", async () => {
    const { train, test } = await loadGood("mnist");

    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([...test.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    // Row 5 of the first training image, as printed by many tutorials.
    expect([...train.images.subarray(5 * 28 + 12, 5 * 28 + 24)]).toEqual([
      3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127,
    ]);
  });

  test("has the class frequencies that were published", async () => {
    const { train } = await loadGood("mnist");

    const counts = Array.from({ length: 10 }, () => 0);
    for (const label of train.labels) counts[label] = (counts[label] ?? 0) + 1;
    expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  });

  test("is refused with every file that isn't the published one, and how to reinstall it", async () => {
    const packageFolder = temporaryFolder({});
    mkdirSync(join(packageFolder, "data"));
    const { "t10k-labels-idx1-ubyte": _, ...files } = smallIdxFiles();
    for (const [name, content] of Object.entries(files)) writeFileSync(join(packageFolder, "data", name), content);

    const opened = await openMnist(packageFolder);

    assert("problems" in opened);
    expect(opened.problems.map((problem) => [problem.code, problem.file])).toEqual(
      idxFileNames.map((name) => [
        name === "t10k-labels-idx1-ubyte" ? "missing-file" : "wrong-hash",
        join(packageFolder, "data", name),
      ]),
    );
    expect(opened.problems[1]).toMatchObject({
      message:
        "this is not the published file: " +
        "expected SHA-256 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5, " +
        "got b42326e57648289720e40f7c6f074d678a6bb041e7d1157a777e375b9269c0f5",
      fix: `delete the folder ${packageFolder} and run npm install again where nightsweep is installed`,
    });
  });

  test("is refused with the way to reinstall it when the package has no data", async () => {
    const packageFolder = temporaryFolder({});

    const opened = await openMnist(packageFolder);

    assert("problems" in opened);
    expect(opened.problems).toMatchObject([{ code: "missing-folder", fix: expect.stringContaining("npm install") }]);
  });

  test("is refused when its package isn't installed", () => {
    const found = findMnistPackage(join(temporaryFolder({}), "elsewhere.js"));

    expect(found).toMatchObject({
      problems: [{ code: "missing-package", fix: "run npm install where nightsweep is installed" }],
    });
  });
});
