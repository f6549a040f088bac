import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Size of a generated data set. */
export interface DigitCounts {
  readonly train: number;
  readonly test: number;
}

/** The first half of experiments on such a data set in the folder `digits`, whose network has dropout to survive. */
export const convolutionalDigits = `name: digits
data:
  dataset: { format: idx, folder: ./digits }
  validation: { fraction: 0.25 }
model:
  layers:
    - conv2d: { filters: 4, kernelSize: 3, activation: relu }
    - flatten
    - dropout: { rate: 0.3 }
    - dense: { units: 4, activation: softmax }
`;

/** The same with a network that trains in no time. */
export const denseDigits = `name: digits
data:
  dataset: { format: idx, folder: ./digits }
  validation: { fraction: 0.25 }
model:
  layers:
    - flatten
    - dense: { units: 4, activation: softmax }
`;

const side = 8;

/**
 * Writes a small idx data set that can be learned: four classes, each a bright quarter of an 8×8 image plus noise from a
 * fixed generator.
 * @param folder where the four files go; created if missing
 */
export function writeDigitFolder(folder: string, counts: DigitCounts): void {
  mkdirSync(folder, { recursive: true });
  for (const [prefix, count] of [["train", counts.train] as const, ["t10k", counts.test] as const]) {
    const { images, labels } = drawExamples(count, prefix === "train" ? 1 : 2);
    writeFileSync(path.join(folder, `${prefix}-images-idx3-ubyte`), withHeader(images, [count, side, side]));
    writeFileSync(path.join(folder, `${prefix}-labels-idx1-ubyte`), withHeader(labels, [count]));
  }
}

function drawExamples(count: number, seed: number) {
  let state = seed;
  const noise = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 4);
  const images = Uint8Array.from({ length: count * side * side }, (_, index) => {
    const label = labels[Math.floor(index / (side * side))] ?? 0;
    const row = Math.floor(index / side) % side;
    const column = index % side;
    const isBright = Math.floor(row / 4) * 2 + Math.floor(column / 4) === label;
    return isBright ? 100 + Math.floor(noise() / 2) : Math.floor(noise() / 2);
  });
  return { images, labels };
}

function withHeader(bytes: Uint8Array, dimensions: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0800 + dimensions.length, 0);
  dimensions.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  return Buffer.concat([header, bytes]);
}
