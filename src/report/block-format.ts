import type { CurveName } from "../compare/learning-curves.ts";
import { decodeFloats, encodeFloats, WholeNumberReader, WholeNumberWriter } from "./byte-planes.ts";

/**
 * Blocks: what a report has of many trials at once, as bytes. A page decodes those that somebody looks at. A block is
 * the length of its header (4 bytes, little-endian), the header as JSON, and the body.
 */

/** How one trial learned. All lists have one entry per epoch, or per line of its step log; `NaN` = not measured. */
export interface TrialCurve {
  /** Index into the comparison's trials. */
  readonly trial: number;
  readonly epochs: readonly number[];
  /** Optimizer steps done. */
  readonly steps: readonly number[];
  /** Wall time since the training began; NaN if unknown. */
  readonly seconds: ArrayLike<number>;
  readonly values: Readonly<Partial<Record<CurveName, ArrayLike<number>>>>;
}

/** The confusion matrix of one trial. */
export interface TrialCounts {
  /** Index into the comparison's trials. */
  readonly trial: number;
  /** [true class][predicted class]. */
  readonly counts: readonly (readonly number[])[];
}

/** A test example that a trial got wrong. */
export interface Mistake {
  /** Number from 0 among the test examples that the experiment uses. */
  readonly example: number;
  readonly label: number;
  readonly predicted: number;
  /** Of the predicted class, 0…1, in 255ths. */
  readonly probability: number;
}

/** The test examples that a trial got wrong, ascending. */
export interface TrialMistakes {
  /** Index into the comparison's trials. */
  readonly trial: number;
  /** True class of every test example, in their order. */
  readonly labels: Uint16Array;
  readonly mistakes: readonly Mistake[];
}

/** Curves as bytes; their figures are rounded to five digits. */
export function encodeCurves(curves: readonly TrialCurve[], names: readonly CurveName[]): Uint8Array {
  const whole = new WholeNumberWriter();
  for (const { epochs, steps } of curves) {
    writeAscending(whole, epochs);
    writeAscending(whole, steps);
  }
  const columns = [
    curves.map(({ seconds }) => seconds),
    ...names.map((name) => curves.map(({ epochs, values }) => values[name] ?? epochs.map(() => Number.NaN))),
  ];
  const header = {
    trials: curves.map(({ trial }) => trial),
    lengths: curves.map(({ epochs }) => epochs.length),
    names,
    wholeBytes: whole.finish().length,
  };
  return joinBlock(header, [whole.finish(), ...columns.map((lists) => encodeFloats(joinLists(lists)))]);
}

interface CurveHeader {
  readonly trials: readonly number[];
  readonly lengths: readonly number[];
  readonly names: readonly CurveName[];
  readonly wholeBytes: number;
}

/** The curves that `encodeCurves` was given, rounded. */
export function decodeCurves(block: Uint8Array): TrialCurve[] {
  const { headerText, body } = splitBlock(block);
  const header: CurveHeader = JSON.parse(headerText);
  const whole = new WholeNumberReader(body.subarray(0, header.wholeBytes));
  const count = header.lengths.reduce((sum, length) => sum + length, 0);
  const column = (index: number): Float32Array => {
    const begin = header.wholeBytes + index * 3 * count;
    return decodeFloats(body.subarray(begin, begin + 3 * count));
  };
  const seconds = column(0);
  const figures = header.names.map((name, index) => [name, column(index + 1)] as const);
  let begin = 0;
  return header.trials.map((trial, index) => {
    const length = header.lengths[index] ?? 0;
    const range = [begin, begin + length] as const;
    begin += length;
    return {
      trial,
      epochs: readAscending(whole, length),
      steps: readAscending(whole, length),
      seconds: seconds.subarray(...range),
      values: Object.fromEntries(figures.map(([name, values]) => [name, values.subarray(...range)])),
    };
  });
}

/** Confusion matrices as bytes. Runs of empty cells are written as their length. */
export function encodeCounts(matrices: readonly TrialCounts[]): Uint8Array {
  const body = new WholeNumberWriter();
  for (const { counts } of matrices) {
    let empty = 0;
    for (const count of counts.flat()) {
      if (count === 0) empty++;
      else {
        body.write(empty);
        body.write(count);
        empty = 0;
      }
    }
    body.write(empty);
    // No cell holds 0: this ends the matrix.
    body.write(0);
  }
  const header = { trials: matrices.map(({ trial }) => trial), sizes: matrices.map(({ counts }) => counts.length) };
  return joinBlock(header, [body.finish()]);
}

/** The matrices that `encodeCounts` was given. */
export function decodeCounts(block: Uint8Array): TrialCounts[] {
  const { headerText, body } = splitBlock(block);
  const header: { readonly trials: readonly number[]; readonly sizes: readonly number[] } = JSON.parse(headerText);
  const reader = new WholeNumberReader(body);
  return header.trials.map((trial, index) => ({ trial, counts: readMatrix(reader, header.sizes[index] ?? 0) }));
}

function readMatrix(reader: WholeNumberReader, size: number): number[][] {
  const counts = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  for (let cell = 0; ; cell++) {
    cell += reader.read();
    const count = reader.read();
    if (count === 0) return counts;
    const row = counts[Math.floor(cell / size)];
    if (row) row[cell % size] = count;
  }
}

/** Mistakes as bytes. Trials mostly have the same test examples, whose labels then are written once. */
export function encodeMistakes(trials: readonly TrialMistakes[]): Uint8Array {
  const body = new WholeNumberWriter();
  const sets = new Map<string, number>();
  const setOf = trials.map(({ labels }) => {
    const text = labels.join();
    const known = sets.get(text);
    if (known !== undefined) return known;
    sets.set(text, sets.size);
    body.write(labels.length);
    for (const label of labels) body.write(label);
    return sets.size - 1;
  });
  for (const { mistakes } of trials) {
    let last = 0;
    for (const { example, label, predicted, probability } of mistakes) {
      for (const value of [example - last, label, predicted, Math.round(probability * 255)]) body.write(value);
      last = example;
    }
  }
  const header: MistakeHeader = {
    trials: trials.map(({ trial }) => trial),
    lengths: trials.map(({ mistakes }) => mistakes.length),
    setCount: sets.size,
    setOf,
  };
  return joinBlock(header, [body.finish()]);
}

interface MistakeHeader {
  readonly trials: readonly number[];
  readonly lengths: readonly number[];
  /** Different lists of labels, and which one each trial has. */
  readonly setCount: number;
  readonly setOf: readonly number[];
}

/** The mistakes that `encodeMistakes` was given. */
export function decodeMistakes(block: Uint8Array): TrialMistakes[] {
  const { headerText, body } = splitBlock(block);
  const header: MistakeHeader = JSON.parse(headerText);
  const reader = new WholeNumberReader(body);
  const sets = Array.from({ length: header.setCount }, () =>
    Uint16Array.from({ length: reader.read() }, () => reader.read()),
  );
  return header.trials.map((trial, index) => {
    let example = 0;
    const mistakes = Array.from({ length: header.lengths[index] ?? 0 }, () => {
      example += reader.read();
      return { example, label: reader.read(), predicted: reader.read(), probability: reader.read() / 255 };
    });
    return { trial, labels: sets[header.setOf[index] ?? 0] ?? new Uint16Array(), mistakes };
  });
}

function writeAscending(writer: WholeNumberWriter, values: readonly number[]): void {
  let last = 0;
  for (const value of values) {
    writer.write(value - last);
    last = value;
  }
}

function readAscending(reader: WholeNumberReader, length: number): number[] {
  let value = 0;
  return Array.from({ length }, () => (value += reader.read()));
}

function joinLists(lists: readonly ArrayLike<number>[]): Float64Array {
  const joined = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    joined.set(list, at);
    at += list.length;
  }
  return joined;
}

function joinBlock(header: object, parts: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const block = new Uint8Array(4 + text.length + parts.reduce((sum, { length }) => sum + length, 0));
  new DataView(block.buffer).setUint32(0, text.length, true);
  block.set(text, 4);
  let at = 4 + text.length;
  for (const part of parts) {
    block.set(part, at);
    at += part.length;
  }
  return block;
}

// The renderer of the same build wrote the block.
function splitBlock(block: Uint8Array): { readonly headerText: string; readonly body: Uint8Array } {
  const length = new DataView(block.buffer, block.byteOffset, 4).getUint32(0, true);
  const headerText = new TextDecoder().decode(block.subarray(4, 4 + length));
  return { headerText, body: block.subarray(4 + length) };
}
