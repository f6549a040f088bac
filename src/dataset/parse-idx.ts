import { type Checked, refuse } from "./checked.ts";
import type { FileContent } from "./data-folder.ts";
import type { DatasetProblem } from "./dataset-problem.ts";
import { recogniseContent } from "./recognise-content.ts";

/** An array of unsigned bytes from an idx file. */
export interface IdxArray {
  /** Sizes of the dimensions, all at least 1: [count], [count, height, width] or [count, height, width, channels]. */
  readonly dimensions: readonly number[];
  /** Row-major; a view into the file's bytes. */
  readonly values: Uint8Array;
}

type Purpose = "images" | "labels";

/** By the third byte of an idx file. */
const elementTypes: ReadonlyMap<number, string> = new Map([
  [0x08, "unsigned bytes"],
  [0x09, "signed bytes"],
  [0x0b, "16-bit integers"],
  [0x0c, "32-bit integers"],
  [0x0d, "32-bit floats"],
  [0x0e, "64-bit floats"],
]);

const purposeByDimensionCount: ReadonlyMap<number, Purpose> = new Map([
  [1, "labels"],
  [3, "images"],
  [4, "images"],
]);

const fixDamaged = "get the file again";

/**
 * Reads an idx file: two zero bytes, element type, number of dimensions, each dimension's size as a big-endian
 * 32-bit number, then the elements.
 * @param purpose images have 3 (grey) or 4 dimensions, labels have 1
 * @returns the array, or the first thing that is wrong with the file
 * @see the description of the format in "The MNIST database", LeCun, Cortes, Burges
 */
export function parseIdx(file: FileContent, purpose: Purpose): Checked<IdxArray> {
  const headerProblem = checkMagic(file) ?? checkPurpose(file, purpose) ?? checkHeaderLength(file);
  if (headerProblem !== undefined) return refuse(headerProblem);

  const dimensions = readDimensions(file.bytes);
  const sizeProblem = checkSize(file, dimensions);
  if (sizeProblem !== undefined) return refuse(sizeProblem);
  return { value: { dimensions, values: file.bytes.subarray(headerLength(file.bytes)) } };
}

function checkMagic({ bytes, path }: FileContent): DatasetProblem | undefined {
  if (bytes.length === 0) return { code: "empty", file: path, message: "the file is empty", fix: fixDamaged };

  const [first, second, type = 0] = bytes;
  const elements = elementTypes.get(type);
  if (first !== 0 || second !== 0 || elements === undefined) {
    const fix = "put an idx file there, or correct data.dataset.format";
    return { code: "wrong-format", file: path, message: `this is not an idx file: ${describeStart(bytes)}`, fix };
  }
  if (type === 0x08) return undefined;
  const message = `it holds ${elements}, only unsigned bytes (type 08) can be used`;
  return { code: "wrong-format", file: path, message, fix: "write the values as unsigned bytes 0…255" };
}

function checkPurpose({ bytes, path }: FileContent, purpose: Purpose): DatasetProblem | undefined {
  const dimensionCount = bytes[3] ?? 0;
  const found = purposeByDimensionCount.get(dimensionCount);
  if (found === purpose || bytes.length < 4) return undefined;

  const expected = purpose === "labels" ? "labels have 1" : "images have 3 (grey) or 4 (height, width, channels)";
  if (found === undefined) {
    const message = `its header says ${dimensionCount} dimensions, ${expected}`;
    return { code: "wrong-format", file: path, message, fix: `put a file of ${purpose} there` };
  }
  const message = `it holds ${found} (${dimensionCount} dimensions) where ${purpose} belong: ${expected}`;
  return { code: "mislabelled", file: path, message, fix: "if the image and the label file are swapped, rename them" };
}

function describeStart(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 4))
    .toString("hex")
    .replaceAll(/(..)(?=.)/g, "$1 ");
  const kind = recogniseContent(bytes);
  return `it starts with ${start}, expected 00 00 08${kind === undefined ? "" : `; this is ${kind}`}`;
}

function headerLength(bytes: Uint8Array): number {
  return 4 + 4 * (bytes[3] ?? 0);
}

function checkHeaderLength({ bytes, path }: FileContent): DatasetProblem | undefined {
  if (bytes.length >= headerLength(bytes)) return undefined;
  const message = `the file is cut off: expected at least ${headerLength(bytes)} bytes, got ${bytes.length}`;
  return { code: "truncated", file: path, message, fix: fixDamaged };
}

function readDimensions(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes[3] ?? 0 }, (_, index) => view.getUint32(4 + 4 * index));
}

function checkSize({ bytes, path }: FileContent, dimensions: readonly number[]): DatasetProblem | undefined {
  const shape = dimensions.join("×");
  if (dimensions.includes(0)) {
    const message = `it holds nothing: its header says ${shape}`;
    return { code: "empty", file: path, message, fix: "put a file there that holds at least one example" };
  }
  const expected = headerLength(bytes) + dimensions.reduce((product, size) => product * size, 1);
  if (bytes.length === expected) return undefined;

  const sizes = `expected ${expected} bytes for ${shape}, got ${bytes.length}`;
  return bytes.length < expected
    ? { code: "truncated", file: path, message: `the file is cut off: ${sizes}`, fix: fixDamaged }
    : { code: "trailing-bytes", file: path, message: `there is more than the header says: ${sizes}`, fix: fixDamaged };
}
