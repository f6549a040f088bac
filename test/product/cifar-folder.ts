import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cifarRecord } from "../dataset/write-datasets.ts";

/** The official names of CIFAR-10, as in `batches.meta.txt`. */
export const cifar10Names = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");

/**
 * Writes a small CIFAR-10 in the official binary layout: ten images of one colour in each file, labels 0…9.
 * @param folder where the files go; created if missing
 */
export function writeCifar10Folder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const batch = (red: number) =>
    Buffer.concat(cifar10Names.map((_, label) => cifarRecord([label], [red, 25 * label, 100])));
  for (const number of [1, 2, 3, 4, 5]) writeFileSync(path.join(folder, `data_batch_${number}.bin`), batch(number));
  writeFileSync(path.join(folder, "test_batch.bin"), batch(200));
  writeFileSync(path.join(folder, "batches.meta.txt"), `${cifar10Names.join("\n")}\n`);
}

/**
 * Writes a small CIFAR-100 in the official binary layout: an image of one colour for each fine label in both files. The
 * names are made up: `fine_0` … and `coarse_0` ….
 * @param folder where the files go; created if missing
 */
export function writeCifar100Folder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const names = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${kind}_${index}\n`).join("");
  const batch = Buffer.concat(
    Array.from({ length: 100 }, (_, label) => cifarRecord([label % 20, label], [label, 255 - label, 100])),
  );
  writeFileSync(path.join(folder, "train.bin"), batch);
  writeFileSync(path.join(folder, "test.bin"), batch);
  writeFileSync(path.join(folder, "fine_label_names.txt"), names("fine", 100));
  writeFileSync(path.join(folder, "coarse_label_names.txt"), names("coarse", 20));
}
