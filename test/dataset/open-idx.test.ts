import { mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadManifest } from "../../src/dataset/open-dataset.ts";
import { loadGood, problemsOf, summarise } from "./load-for-test.ts";
import { gzipped, idx, idxFileNames, smallIdxFiles, temporaryFolder } from "./write-datasets.ts";

describe("a folder of idx files", () => {
  test("gives images and labels in file order", async () => {
    const folder = temporaryFolder(smallIdxFiles());

    const { train, test } = await loadGood({ format: "idx", folder });

    expect(train).toEqual({
      images: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
      labels: Uint8Array.of(0, 1, 2),
      count: 3,
    });
    expect(test).toEqual({
      images: Uint8Array.of(250, 251, 252, 253, 254, 255, 0, 1),
      labels: Uint8Array.of(2, 0),
      count: 2,
    });
  });

  test("is described by shapes, counts, numbered classes and the hash of each file", async () => {
    const folder = temporaryFolder(smallIdxFiles());

    const described = await loadManifest({ format: "idx", folder }, "/");

    expect(described).toMatchObject({
      manifest: {
        name: basename(folder),
        format: "idx",
        imageShape: [2, 2, 1],
        classCount: 3,
        classNames: ["0", "1", "2"],
        trainExamples: 3,
        testExamples: 2,
      },
    });
    expect("manifest" in described && described.manifest.files[1]).toEqual({
      role: "train-labels",
      name: "train-labels-idx1-ubyte",
      bytes: 11,
      // printf '\0\0\010\001\0\0\0\003\0\001\002' | sha256sum
      sha256: "b42326e57648289720e40f7c6f074d678a6bb041e7d1157a777e375b9269c0f5",
    });
  });

  test("is looked for from the given root when its path is relative", async () => {
    const folder = temporaryFolder(smallIdxFiles());

    const { manifest } = await loadGood({ format: "idx", folder: basename(folder) }, dirname(folder));

    expect(manifest.name).toBe(basename(folder));
  });

  test("may hold colour images as arrays of four dimensions", async () => {
    const folder = temporaryFolder({
      ...smallIdxFiles(),
      "train-images-idx3-ubyte": idx(
        [3, 1, 2, 3],
        Array.from({ length: 18 }, (_, index) => index),
      ),
      "t10k-images-idx3-ubyte": idx(
        [2, 1, 2, 3],
        Array.from({ length: 12 }, (_, index) => index),
      ),
    });

    const { manifest, train } = await loadGood({ format: "idx", folder });

    expect(manifest.imageShape).toEqual([1, 2, 3]);
    expect([...train.images.subarray(6, 12)]).toEqual([6, 7, 8, 9, 10, 11]);
  });

  test("may spell its names with a dot and be compressed, file by file", async () => {
    const files = smallIdxFiles();
    const folder = temporaryFolder({
      "train-images.idx3-ubyte": files["train-images-idx3-ubyte"],
      "train-labels.idx1-ubyte.gz": gzipSync(files["train-labels-idx1-ubyte"]),
      "t10k-images-idx3-ubyte.gz": gzipSync(files["t10k-images-idx3-ubyte"]),
      "t10k-labels-idx1-ubyte": files["t10k-labels-idx1-ubyte"],
    });

    const loaded = await loadGood({ format: "idx", folder });

    const plain = await loadGood({ format: "idx", folder: temporaryFolder(files) });
    expect(loaded.train).toEqual(plain.train);
    expect(loaded.test).toEqual(plain.test);
  });

  test("counts a class that only the test labels have", async () => {
    const folder = temporaryFolder({ ...smallIdxFiles(), "t10k-labels-idx1-ubyte": idx([2], [7, 0]) });

    const { manifest } = await loadGood({ format: "idx", folder });

    expect(manifest.classCount).toBe(8);
  });

  test("takes the classes from classes.txt, also those without examples", async () => {
    const folder = temporaryFolder({ ...smallIdxFiles(), "classes.txt": "shirt\r\nankle boot\r\nbag\r\nhat\r\n\r\n" });

    const { manifest } = await loadGood({ format: "idx", folder });

    expect(manifest.classNames).toEqual(["shirt", "ankle boot", "bag", "hat"]);
    expect(manifest.classCount).toBe(4);
  });
});

describe("what is wrong with a folder of idx files", () => {
  test("a folder that isn't there is named", async () => {
    const folder = join(temporaryFolder({}), "nowhere");

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toEqual([
      {
        code: "missing-folder",
        file: folder,
        message: "there is no such folder",
        fix: "correct data.dataset.folder; a relative folder starts from the folder of the experiment file",
      },
    ]);
  });

  test("a file in the folder's place is named", async () => {
    const folder = join(temporaryFolder({ "data.zip": "" }), "data.zip");

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toMatchObject([{ code: "missing-folder", file: folder, message: "this is not a folder" }]);
  });

  test("every missing file is named, with what lies there instead", async () => {
    const { "train-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": labels } = smallIdxFiles();
    const folder = temporaryFolder({ "train-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": labels });

    const problems = await problemsOf({ format: "idx", folder });

    expect(summarise(problems)).toEqual([
      "missing-file train-labels-idx1-ubyte",
      "missing-file t10k-images-idx3-ubyte",
    ]);
    expect(problems[0]?.message).toBe(
      "there is no train-labels-idx1-ubyte or train-labels.idx1-ubyte, plain or .gz; " +
        "the folder holds t10k-labels-idx1-ubyte, train-images-idx3-ubyte",
    );
  });

  test("different problems in all four files are found at once", async () => {
    const files = smallIdxFiles();
    const folder = temporaryFolder({
      "train-images-idx3-ubyte": files["train-images-idx3-ubyte"].subarray(0, 20),
      "train-labels-idx1-ubyte": Buffer.concat([files["train-labels-idx1-ubyte"], Buffer.alloc(5)]),
      "t10k-images-idx3-ubyte.gz": gzipSync(files["t10k-images-idx3-ubyte"]).subarray(0, 15),
    });

    const problems = await problemsOf({ format: "idx", folder });

    expect(summarise(problems)).toEqual([
      "truncated train-images-idx3-ubyte",
      "trailing-bytes train-labels-idx1-ubyte",
      "corrupt-gzip t10k-images-idx3-ubyte.gz",
      "missing-file t10k-labels-idx1-ubyte",
    ]);
    expect(problems[0]?.message).toBe("the file is cut off: expected 28 bytes for 3×2×2, got 20");
    expect(problems[1]?.message).toBe("there is more than the header says: expected 11 bytes for 3, got 16");
  });

  test("a file cut off anywhere is refused by name", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...idxFileNames), fc.nat(), fc.boolean(), async (name, seed, isGzipped) => {
        const files = smallIdxFiles();
        const { [name]: whole, ...others } = files;
        const stored = isGzipped ? gzipSync(whole) : whole;
        const fileName = isGzipped ? `${name}.gz` : name;
        const folder = temporaryFolder({ ...others, [fileName]: stored.subarray(0, seed % stored.length) });

        const problems = await problemsOf({ format: "idx", folder });

        expect(problems.map((problem) => problem.file)).toEqual([join(folder, fileName)]);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["gzip-compressed data", gzipSync("anything")],
    ["a PNG image", Buffer.from("89504e470d0a1a0a", "hex")],
    ["a JPEG image", Buffer.from("ffd8ffe000104a46", "hex")],
    ["a ZIP archive", Buffer.from("PK\x03\x04....")],
    ["a NumPy array", Buffer.from("\x93NUMPY\x01\x00", "latin1")],
    ["a web page", Buffer.from("<!DOCTYPE html>")],
    ["a Git LFS pointer, not the file itself", Buffer.from("version https://git-lfs.github.com/spec/v1\n")],
  ])("a file that is %s is recognised", async (kind, content) => {
    const folder = temporaryFolder({ ...smallIdxFiles(), "t10k-images-idx3-ubyte": content });

    const problems = await problemsOf({ format: "idx", folder });

    expect(summarise(problems)).toEqual(["wrong-format t10k-images-idx3-ubyte"]);
    expect(problems[0]?.message).toContain(`; this is ${kind}`);
  });

  test("a file of unknown content is shown by its first bytes", async () => {
    const folder = temporaryFolder({ ...smallIdxFiles(), "train-labels-idx1-ubyte": "label,7" });

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toMatchObject([
      {
        code: "wrong-format",
        message: "this is not an idx file: it starts with 6c 61 62 65, expected 00 00 08",
      },
    ]);
  });

  test("an idx file of floats is refused", async () => {
    const floats = Buffer.from(smallIdxFiles()["train-images-idx3-ubyte"]).fill(0x0d, 2, 3);
    const folder = temporaryFolder({ ...smallIdxFiles(), "train-images-idx3-ubyte": floats });

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toMatchObject([
      { code: "wrong-format", message: "it holds 32-bit floats, only unsigned bytes (type 08) can be used" },
    ]);
  });

  test("images of two dimensions are refused", async () => {
    const folder = temporaryFolder({ ...smallIdxFiles(), "train-images-idx3-ubyte": idx([3, 4], Array(12).fill(0)) });

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toMatchObject([
      {
        code: "wrong-format",
        message: "its header says 2 dimensions, images have 3 (grey) or 4 (height, width, channels)",
      },
    ]);
  });

  test("swapped image and label files are both named", async () => {
    const files = smallIdxFiles();
    const folder = temporaryFolder({
      ...files,
      "train-images-idx3-ubyte": files["train-labels-idx1-ubyte"],
      "train-labels-idx1-ubyte": files["train-images-idx3-ubyte"],
    });

    const problems = await problemsOf({ format: "idx", folder });

    expect(summarise(problems)).toEqual(["mislabelled train-images-idx3-ubyte", "mislabelled train-labels-idx1-ubyte"]);
    expect(problems[0]?.message).toMatch(/^it holds labels \(1 dimension/);
  });

  test("the labels of the other part are noticed by their number", async () => {
    const files = smallIdxFiles();
    const folder = temporaryFolder({ ...files, "train-labels-idx1-ubyte": files["t10k-labels-idx1-ubyte"] });

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toMatchObject([
      {
        code: "count-mismatch",
        file: join(folder, "train-labels-idx1-ubyte"),
        message: "it holds 2 labels for the 3 images of train-images-idx3-ubyte",
      },
    ]);
  });

  test("test images of another size than the training images are refused", async () => {
    const folder = temporaryFolder({ ...smallIdxFiles(), "t10k-images-idx3-ubyte": idx([2, 1, 2], [1, 2, 3, 4]) });

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toMatchObject([
      {
        code: "shape-mismatch",
        file: join(folder, "t10k-images-idx3-ubyte"),
        message: "its images are 1×2×1, those of train-images-idx3-ubyte are 2×2×1",
      },
    ]);
  });

  test("labels beyond the names of classes.txt are counted", async () => {
    const folder = temporaryFolder({ ...smallIdxFiles(), "classes.txt": "cat\n" });

    const problems = await problemsOf({ format: "idx", folder });

    expect(summarise(problems)).toEqual([
      "label-out-of-range train-labels-idx1-ubyte",
      "label-out-of-range t10k-labels-idx1-ubyte",
    ]);
    expect(problems[0]?.message).toBe("2 of 3 labels are outside 0…0, the first is 1 at example 1");
  });

  test.each([
    ["cat\n\ndog\n", "line 2 is blank"],
    ["cat\ndog\ncat\n", 'line 3 is "cat" a second time'],
    ["", "line 1 is blank"],
  ])("class names %j are refused", async (text, message) => {
    const folder = temporaryFolder({ ...smallIdxFiles(), "classes.txt": text });

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toMatchObject([{ code: "wrong-class-names", file: join(folder, "classes.txt"), message }]);
  });

  test("files without content and files without examples are empty", async () => {
    const folder = temporaryFolder({
      ...smallIdxFiles(),
      "train-images-idx3-ubyte": "",
      "t10k-images-idx3-ubyte": idx([0, 2, 2], []),
      "t10k-labels-idx1-ubyte": idx([0], []),
    });

    const problems = await problemsOf({ format: "idx", folder });

    expect(summarise(problems)).toEqual([
      "empty train-images-idx3-ubyte",
      "empty t10k-images-idx3-ubyte",
      "empty t10k-labels-idx1-ubyte",
    ]);
  });

  test("a damaged compressed file is refused", async () => {
    const { "train-labels-idx1-ubyte": labels, ...others } = smallIdxFiles();
    const damaged = gzipSync(labels);
    damaged.fill(0xff, damaged.length - 8, damaged.length - 4);
    const folder = temporaryFolder({ ...others, "train-labels-idx1-ubyte.gz": damaged });

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toMatchObject([
      { code: "corrupt-gzip", message: "the gzip data is damaged or cut off (incorrect data check)" },
    ]);
  });

  test("a file that only claims to be compressed is refused", async () => {
    const { "train-labels-idx1-ubyte": labels, ...others } = smallIdxFiles();
    const folder = temporaryFolder({ ...others, "train-labels-idx1-ubyte.gz": labels });

    const problems = await problemsOf({ format: "idx", folder });

    expect(problems).toMatchObject([
      { code: "corrupt-gzip", message: "the name ends in .gz, but the content is not gzip" },
    ]);
  });

  test("two files that could be the same one are refused rather than chosen from", async () => {
    const folder = temporaryFolder({ ...smallIdxFiles(), ...gzipped(smallIdxFiles()) });

    const problems = await problemsOf({ format: "idx", folder });

    expect(summarise(problems)).toEqual(idxFileNames.map((name) => `ambiguous-file ${name}`));
    expect(problems[0]?.message).toBe(
      "several files could be meant: train-images-idx3-ubyte, train-images-idx3-ubyte.gz",
    );
  });

  test("something that can't be read is refused with the reason", async () => {
    const { "train-images-idx3-ubyte": _, ...others } = smallIdxFiles();
    const folder = temporaryFolder(others);
    mkdirSync(join(folder, "train-images-idx3-ubyte"));

    const problems = await problemsOf({ format: "idx", folder });

    expect(summarise(problems)).toEqual(["unreadable train-images-idx3-ubyte"]);
    expect(problems[0]?.message).toContain("EISDIR");
  });

  test("a choice of labels is refused where there is none", async () => {
    const folder = temporaryFolder(smallIdxFiles());

    const problems = await problemsOf({ format: "idx", folder, labels: "coarse" });

    expect(problems).toMatchObject([
      {
        code: "wrong-label-choice",
        message: "labels: coarse was given, but idx has only one kind of labels",
      },
    ]);
  });
});
