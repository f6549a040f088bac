import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

/** Files by name. */
export type Files = Readonly<Record<string, Uint8Array | string>>;

/** A folder with these files that lives as long as the test. */
export function temporaryFolder(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "nightsweep-dataset-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** An idx file of unsigned bytes. */
export function idx(dimensions: readonly number[], values: readonly number[]): Uint8Array {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, 8, dimensions.length]);
  dimensions.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  return Buffer.concat([header, Uint8Array.from(values)]);
}

/** Three training and two test images of 2×2 grey pixels, classes 0…2. */
export function smallIdxFiles(): Readonly<Record<IdxFileName, Uint8Array>> {
  return {
    "train-images-idx3-ubyte": idx([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    "train-labels-idx1-ubyte": idx([3], [0, 1, 2]),
    "t10k-images-idx3-ubyte": idx([2, 2, 2], [250, 251, 252, 253, 254, 255, 0, 1]),
    "t10k-labels-idx1-ubyte": idx([2], [2, 0]),
  };
}

/** The usual names of the four idx files. */
export const idxFileNames = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
] as const;
type IdxFileName = (typeof idxFileNames)[number];

/** A record of CIFAR's binary format whose planes are filled with one value each. */
export function cifarRecord(labels: readonly number[], planes: readonly [red: number, green: number, blue: number]) {
  return Buffer.concat([Uint8Array.from(labels), ...planes.map((value) => Buffer.alloc(1024, value))]);
}

/** Five training batches of one image and a test batch of two. */
export function smallCifar10Files(): Readonly<Record<string, Uint8Array>> {
  const batches = [1, 2, 3, 4, 5].map((number) => [
    `data_batch_${number}.bin`,
    cifarRecord([number], [number, 100 + number, 200 + number]),
  ]);
  return {
    ...Object.fromEntries(batches),
    "test_batch.bin": Buffer.concat([cifarRecord([9], [1, 2, 3]), cifarRecord([0], [4, 5, 6])]),
  };
}

/** Two training images and one test image; coarse label first. */
export function smallCifar100Files(): Readonly<Record<"train.bin" | "test.bin", Uint8Array>> {
  return {
    "train.bin": Buffer.concat([cifarRecord([19, 99], [10, 20, 30]), cifarRecord([4, 0], [40, 50, 60])]),
    "test.bin": cifarRecord([7, 42], [70, 80, 90]),
  };
}

/** The same files, each compressed and with `.gz` after its name. */
export function gzipped(files: Readonly<Record<string, Uint8Array>>): Files {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${name}.gz`, gzipSync(content)]));
}
