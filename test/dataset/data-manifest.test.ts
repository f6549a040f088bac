import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashDataFiles } from "../../src/dataset/data-manifest.ts";
import { formatDatasetProblem } from "../../src/dataset/dataset-problem.ts";
import { loadGood, problemsOf } from "./load-for-test.ts";
import { gzipped, idx, smallCifar100Files, smallIdxFiles, temporaryFolder } from "./write-datasets.ts";

describe("the identity of a data set", () => {
  test("is the hash of the roles and hashes of its files", () => {
    const files = [
      { role: "train", sha256: "b1" },
      { role: "test", sha256: "a0" },
    ];

    // printf 'test a0\ntrain b1\nlabels fine\n' | sha256sum
    expect(hashDataFiles(files, "fine")).toBe("a4502ac728ecc302a9fe8a139e6fcdde1e0974b21d8e3400458a60d751496e82");
    // printf 'test a0\ntrain b1\n' | sha256sum
    expect(hashDataFiles(files.toReversed())).toBe("fea0cd8c3086a28ce69efd04c4d2e8ea76fd475a9a6d616c6a45022db3443df3");
  });

  test("stays when folder, spelling and compression change", async () => {
    const { manifest } = await loadGood({ format: "idx", folder: temporaryFolder(smallIdxFiles()) });
    const otherFolder = temporaryFolder(gzipped(smallIdxFiles()));
    renameSync(join(otherFolder, "train-images-idx3-ubyte.gz"), join(otherFolder, "train-images.idx3-ubyte.gz"));

    const other = await loadGood({ format: "idx", folder: otherFolder });

    expect(other.manifest.sha256).toBe(manifest.sha256);
  });

  test("changes with the choice of labels", async () => {
    const folder = temporaryFolder(smallCifar100Files());

    const fine = await loadGood({ format: "cifar100", folder, labels: "fine" });
    const coarse = await loadGood({ format: "cifar100", folder, labels: "coarse" });

    expect(fine.manifest.sha256).not.toBe(coarse.manifest.sha256);
  });

  test("changes when a file is rewritten in place with one other pixel", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 11 }), fc.integer({ min: 1, max: 255 }), async (pixel, difference) => {
        const folder = temporaryFolder(smallIdxFiles());
        const before = await loadGood({ format: "idx", folder });
        const values = [...before.train.images];
        values[pixel] = ((values[pixel] ?? 0) + difference) % 256;
        writeFileSync(join(folder, "train-images-idx3-ubyte"), idx([3, 2, 2], values));

        const after = await loadGood({ format: "idx", folder });

        expect(after.manifest.sha256).not.toBe(before.manifest.sha256);
      }),
      { numRuns: 20 },
    );
  });
});

describe("a problem of a data set", () => {
  test("is written as where, what and how to mend it", async () => {
    const folder = temporaryFolder({ ...smallCifar100Files(), "test.bin": "" });

    const problems = await problemsOf({ format: "cifar100", folder });

    expect(problems.map(formatDatasetProblem)).toEqual([
      `${folder}/test.bin: the file is empty; fix: get the file again`,
    ]);
  });
});
