import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadGood, problemsOf, summarise } from "./load-for-test.ts";
import { cifarRecord, gzipped, idx, smallCifar10Files, smallCifar100Files, temporaryFolder } from "./write-datasets.ts";

describe("a folder of CIFAR-10's binary files", () => {
  test("joins the five batches in order", async () => {
    const folder = temporaryFolder(smallCifar10Files());

    const { manifest, train, test } = await loadGood({ format: "cifar10", folder });

    expect(manifest).toMatchObject({
      format: "cifar10",
      imageShape: [32, 32, 3],
      classCount: 10,
      trainExamples: 5,
      testExamples: 2,
    });
    expect([...train.labels]).toEqual([1, 2, 3, 4, 5]);
    expect([...test.labels]).toEqual([9, 0]);
    const firstPixels = Array.from({ length: 5 }, (_, image) => [
      ...train.images.subarray(image * 3072, image * 3072 + 3),
    ]);
    expect(firstPixels).toEqual([
      [1, 101, 201],
      [2, 102, 202],
      [3, 103, 203],
      [4, 104, 204],
      [5, 105, 205],
    ]);
  });

  test("turns colour planes into pixels, row by row", async () => {
    const record = cifarRecord([3], [0, 0, 0]);
    // Row 1, column 2 is pixel 34: red, green and blue of it, then blue of the last pixel.
    record[1 + 34] = 11;
    record[1 + 1024 + 34] = 22;
    record[1 + 2048 + 34] = 33;
    record[1 + 3071] = 44;
    const folder = temporaryFolder({ ...smallCifar10Files(), "test_batch.bin": record });

    const { test } = await loadGood({ format: "cifar10", folder });

    const expected = new Uint8Array(3072);
    expected.set([11, 22, 33], (1 * 32 + 2) * 3);
    expected[3071] = 44;
    expect(test.images).toEqual(expected);
  });

  test("takes the class names from the official file", async () => {
    const names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    const folder = temporaryFolder({ ...smallCifar10Files(), "batches.meta.txt": `${names.join("\n")}\n\n` });

    const { manifest } = await loadGood({ format: "cifar10", folder });

    expect(manifest.classNames).toEqual(names);
  });

  test("gives the same when compressed", async () => {
    const plain = await loadGood({ format: "cifar10", folder: temporaryFolder(smallCifar10Files()) });

    const loaded = await loadGood({ format: "cifar10", folder: temporaryFolder(gzipped(smallCifar10Files())) });

    expect(loaded.train).toEqual(plain.train);
    expect(loaded.manifest.sha256).toBe(plain.manifest.sha256);
  });

  test("needs every batch", async () => {
    const { "data_batch_2.bin": _, "test_batch.bin": __, ...others } = smallCifar10Files();
    const folder = temporaryFolder(others);

    const problems = await problemsOf({ format: "cifar10", folder });

    expect(summarise(problems)).toEqual(["missing-file data_batch_2.bin", "missing-file test_batch.bin"]);
    expect(problems[0]?.fix).toContain("cifar-10-binary.tar.gz");
  });

  test("has no choice of labels", async () => {
    const folder = temporaryFolder(smallCifar10Files());

    const problems = await problemsOf({ format: "cifar10", folder, labels: "fine" });

    expect(summarise(problems)).toMatchObject([expect.stringMatching(/^wrong-label-choice/)]);
  });
});

describe("a folder of CIFAR-100's binary files", () => {
  test("gives the fine labels unless told otherwise", async () => {
    const folder = temporaryFolder(smallCifar100Files());

    const { manifest, train, test } = await loadGood({ format: "cifar100", folder });

    expect(manifest).toMatchObject({ format: "cifar100", classCount: 100, trainExamples: 2, testExamples: 1 });
    expect([...train.labels, ...test.labels]).toEqual([99, 0, 42]);
    expect([...train.images.subarray(3072, 3075)]).toEqual([40, 50, 60]);
  });

  test("gives the coarse labels when asked for", async () => {
    const folder = temporaryFolder(smallCifar100Files());

    const { manifest, train, test } = await loadGood({ format: "cifar100", folder, labels: "coarse" });

    expect(manifest.classCount).toBe(20);
    expect(manifest.classNames[19]).toBe("19");
    expect([...train.labels, ...test.labels]).toEqual([19, 4, 7]);
  });

  test("takes names of exactly as many classes as there are", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `superclass ${index}`);
    const folder = temporaryFolder({ ...smallCifar100Files(), "coarse_label_names.txt": names.join("\n") });
    const shortFolder = temporaryFolder({ ...smallCifar100Files(), "coarse_label_names.txt": "fish\nflowers\n" });

    const { manifest } = await loadGood({ format: "cifar100", folder, labels: "coarse" });
    const problems = await problemsOf({ format: "cifar100", folder: shortFolder, labels: "coarse" });

    expect(manifest.classNames).toEqual(names);
    expect(problems).toMatchObject([
      {
        code: "wrong-class-names",
        file: join(shortFolder, "coarse_label_names.txt"),
        message: "it names 2 classes, expected 20",
      },
    ]);
  });
});

describe("what is wrong with CIFAR files", () => {
  test("a file that ends within a record is cut off", async () => {
    const { "train.bin": train, "test.bin": whole } = smallCifar100Files();
    const folder = temporaryFolder({ "train.bin": train.subarray(0, 5000), "test.bin": whole });

    const problems = await problemsOf({ format: "cifar100", folder });

    expect(summarise(problems)).toEqual(["truncated train.bin"]);
    expect(problems[0]?.message).toBe(
      "the file is cut off or has trailing bytes: expected 6148 bytes (or 3074; whole records of 3074 bytes), got 5000",
    );
  });

  test("labels outside the classes are counted, coarse and fine, whichever is learned", async () => {
    const train = Buffer.concat([cifarRecord([3, 100], [0, 0, 0]), cifarRecord([20, 255], [0, 0, 0])]);
    const folder = temporaryFolder({ ...smallCifar100Files(), "train.bin": train });

    const problems = await problemsOf({ format: "cifar100", folder });

    expect(problems.map((problem) => problem.message)).toEqual([
      "1 of 2 coarse labels are outside 0…19, the first is 20 at example 1",
      "2 of 2 fine labels are outside 0…99, the first is 100 at example 0",
    ]);
  });

  test("files of another kind are recognised", async () => {
    const folder = temporaryFolder({ "train.bin": gzipSync("compressed"), "test.bin": "" });

    const problems = await problemsOf({ format: "cifar100", folder });

    expect(summarise(problems)).toEqual(["wrong-format train.bin", "empty test.bin"]);
    expect(problems[0]?.message).toBe("this is gzip-compressed data, not a CIFAR binary file");
  });

  test("the files of CIFAR-100 are no CIFAR-10", async () => {
    const record = smallCifar100Files()["test.bin"];
    const folder = temporaryFolder({ ...smallCifar10Files(), "test_batch.bin": record });

    const problems = await problemsOf({ format: "cifar10", folder });

    expect(summarise(problems)).toEqual(["truncated test_batch.bin"]);
  });

  test("an idx file in a CIFAR file's place is refused", async () => {
    const folder = temporaryFolder({ ...smallCifar100Files(), "test.bin": idx([1, 32, 32], Array(1024).fill(1)) });

    const problems = await problemsOf({ format: "cifar100", folder });

    expect(summarise(problems)).toEqual(["truncated test.bin"]);
  });
});
