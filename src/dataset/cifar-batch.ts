import { type Checked, refuse } from "./checked.ts";
import type { FileContent } from "./data-folder.ts";
import type { DatasetProblem } from "./dataset-problem.ts";
import { checkLabelRange } from "./label-range.ts";
import { recogniseContent } from "./recognise-content.ts";

const height = 32;
const width = 32;
const channels = 3;
const planeBytes = height * width;
const imageBytes = channels * planeBytes;

const fixFormat = "put the file of the official binary version there, or correct data.dataset.format";

/** Of every image of the CIFAR data sets. */
export const cifarImageShape = [height, width, channels] as const;

/** One of the label bytes that a record starts with. */
export interface CifarLabel {
  readonly kind: string;
  readonly classCount: number;
  /** The official file of its classes' names. */
  readonly namesFile: string;
}

/** One file of CIFAR's binary format, in which no size and no label is wrong. */
export interface CifarBatch {
  readonly file: FileContent;
  /** The labels that a record starts with. */
  readonly labels: readonly CifarLabel[];
  readonly count: number;
}

/**
 * Checks a file of CIFAR's binary format: records of the label bytes, then 1024 red, 1024 green and 1024 blue bytes,
 * each plane row by row. The format has no header: only sizes and labels can be checked.
 * @param labels the label bytes of each record, in order
 * @see the section "Binary version" of "The CIFAR-10 and CIFAR-100 datasets", Krizhevsky
 */
export function checkCifarBatch(file: FileContent, labels: readonly CifarLabel[]): Checked<CifarBatch> {
  const count = file.bytes.length / recordBytes(labels);
  const batch = { file, labels, count };
  const problem = checkSize(batch);
  if (problem !== undefined) return refuse(problem);

  const problems = labels.flatMap((label) =>
    checkLabelRange({ ...label, path: file.path, labels: readLabels(batch, label), fix: fixFormat }),
  );
  return problems.length > 0 ? { problems } : { value: batch };
}

/** The labels of one kind of all examples, batch after batch, shape [count]. */
export function joinCifarLabels(batches: readonly CifarBatch[], label: CifarLabel): Uint8Array {
  const labels = new Uint8Array(countExamples(batches));
  let example = 0;
  for (const batch of batches) {
    labels.set(readLabels(batch, label), example);
    example += batch.count;
  }
  return labels;
}

/**
 * Lays all images out, batch after batch, with their planes interleaved to pixels.
 * @param images written, shape [count, 32, 32, 3]
 */
export function writeCifarImages(batches: readonly CifarBatch[], images: Uint8Array): void {
  let target = 0;
  for (const { file, labels, count } of batches) {
    for (let record = 0; record < count; record++, target += imageBytes) {
      const source = record * recordBytes(labels) + labels.length;
      interleavePlanes(file.bytes.subarray(source), images.subarray(target, target + imageBytes));
    }
  }
}

/**
 * @param planes shape [3, 1024]; may be longer
 * @param pixels written, shape [1024, 3]
 */
function interleavePlanes(planes: Uint8Array, pixels: Uint8Array): void {
  for (let pixel = 0; pixel < planeBytes; pixel++) {
    pixels[channels * pixel] = planes[pixel] ?? 0;
    pixels[channels * pixel + 1] = planes[pixel + planeBytes] ?? 0;
    pixels[channels * pixel + 2] = planes[pixel + 2 * planeBytes] ?? 0;
  }
}

function countExamples(batches: readonly CifarBatch[]): number {
  return batches.reduce((sum, batch) => sum + batch.count, 0);
}

function readLabels({ file, labels, count }: CifarBatch, label: CifarLabel): Uint8Array {
  const position = labels.indexOf(label);
  const stride = recordBytes(labels);
  return Uint8Array.from({ length: count }, (_, example) => file.bytes[example * stride + position] ?? 0);
}

function recordBytes(labels: readonly CifarLabel[]): number {
  return labels.length + imageBytes;
}

function checkSize({ file, labels }: CifarBatch): DatasetProblem | undefined {
  const { bytes, path } = file;
  if (bytes.length === 0) return { code: "empty", file: path, message: "the file is empty", fix: "get the file again" };
  const kind = recogniseContent(bytes);
  if (kind !== undefined) {
    return { code: "wrong-format", file: path, message: `this is ${kind}, not a CIFAR binary file`, fix: fixFormat };
  }
  const size = recordBytes(labels);
  const rest = bytes.length % size;
  if (rest === 0) return undefined;
  const whole = bytes.length - rest;
  const message =
    `the file is cut off or has trailing bytes: expected ${whole + size} bytes ` +
    `(or ${whole}; whole records of ${size} bytes), got ${bytes.length}`;
  return { code: "truncated", file: path, message, fix: fixFormat };
}
