import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, expect, test } from "vitest";
import { loadManifest } from "../../src/dataset/open-dataset.ts";
import { cifarRecord, idx, temporaryFolder } from "./write-datasets.ts";

const nowhere = { NIGHTSWEEP_DATA: "/no/such/place", HOME: "/nobody" };

async function manifestOf(name: "fashion-mnist" | "cifar10" | "cifar100", folder: string) {
  return loadManifest(name, "/", { NIGHTSWEEP_DATA: folder });
}

function writeFiles(folder: string, name: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  mkdirSync(join(folder, name));
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, name, file), content);
}

/** Records of one colour, label after label. */
function records(count: number, labels: (example: number) => readonly number[]): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, example) => cifarRecord(labels(example), [1, 2, 3])));
}

describe("a data set that is known by name", () => {
  test("fashion-mnist is found below NIGHTSWEEP_DATA, with the names of its classes", async () => {
    const folder = temporaryFolder({});
    const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
    writeFiles(folder, "fashion-mnist", {
      "train-images-idx3-ubyte": idx([60_000, 1, 1], zeros(60_000)),
      "train-labels-idx1-ubyte": idx(
        [60_000],
        Array.from({ length: 60_000 }, (_, index) => index % 10),
      ),
      "t10k-images-idx3-ubyte": idx([10_000, 1, 1], zeros(10_000)),
      "t10k-labels-idx1-ubyte": idx([10_000], zeros(10_000)),
    });

    const loaded = await manifestOf("fashion-mnist", folder);

    assert("manifest" in loaded, JSON.stringify(loaded));
    expect(loaded.manifest).toMatchObject({ name: "fashion-mnist", classCount: 10, trainExamples: 60_000 });
    expect(loaded.manifest.classNames[9]).toBe("Ankle boot");
  });

  test("that has not as many images as were published is refused, with where the whole files come from", async () => {
    const folder = temporaryFolder({});
    writeFiles(folder, "cifar100", { "train.bin": records(3, () => [0, 1]), "test.bin": records(2, () => [0, 1]) });

    const loaded = await manifestOf("cifar100", folder);

    assert("problems" in loaded);
    expect(loaded.problems).toMatchObject([
      { code: "wrong-count", message: "these are 3 training and 2 test images, cifar100 has 50000 and 10000" },
    ]);
    expect(loaded.problems[0]?.fix).toMatch(/cifar-100-binary\.tar\.gz/);
  });

  test.each([
    ["fashion-mnist", "train-images-idx3-ubyte.gz", "zalandoresearch/fashion-mnist"],
    ["cifar10", "data_batch_1.bin", "cifar-10-binary.tar.gz"],
    ["cifar100", "fine_label_names.txt", "cifar-100-binary.tar.gz"],
  ] as const)(
    "%s, when it is not there, says which files go where and where they come from",
    async (name, file, source) => {
      const loaded = await loadManifest(name, "/", nowhere);

      assert("problems" in loaded);
      const [problem] = loaded.problems;
      expect(problem).toMatchObject({ code: "missing-dataset", file: `/no/such/place/${name}` });
      expect(problem?.message).toMatch(new RegExp(`nor .*/\\.cache/nightsweep/datasets/${name}$`));
      expect(problem?.fix).toContain(file);
      expect(problem?.fix).toContain(source);
    },
  );
});
