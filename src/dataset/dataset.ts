import type { Checked } from "./checked.ts";
import type { DataManifest } from "./data-manifest.ts";

/** Images of one size and their labels, in file order. */
export interface PixelExamples {
  /** Grey or colour values 0…255, shape [count, height, width, channels], row-major. */
  readonly images: Uint8Array;
  /** True class indices, shape [count]. */
  readonly labels: Uint8Array | Uint16Array;
  readonly count: number;
}

/** Images as they are stored, PNG or JPEG, and their labels, in file order. */
export interface EncodedExamples {
  /** All files one after another. */
  readonly encoded: Uint8Array;
  /** Where each file begins in `encoded`, and last where all end; shape [count + 1]. */
  readonly offsets: Float64Array;
  /** Path of each file inside the data set's folder, for people. */
  readonly names: readonly string[];
  readonly labels: Uint16Array;
  readonly count: number;
}

/** Images and their labels, in file order. Their bytes lie in shared memory, so that threads need no copies. */
export type Examples = PixelExamples | EncodedExamples;

/** A data set in memory: what it is, what is learned from, what is tested on. */
export interface Dataset {
  readonly manifest: DataManifest;
  readonly train: Examples;
  readonly test: Examples;
  /** The data set's own validation part, if it has one. */
  readonly validation?: Examples;
}

/** Examples that have been checked but whose images may still be in the file's own layout. */
export interface CheckedExamples {
  readonly labels: Uint8Array | Uint16Array;
  readonly count: number;
  /** Lays the images out in memory, on every call. */
  layOut(): Checked<Examples> | Promise<Checked<Examples>>;
}

/** A data set in which nothing is wrong, before its images are laid out. */
export interface CheckedDataset {
  readonly manifest: DataManifest;
  readonly train: CheckedExamples;
  readonly test: CheckedExamples;
  readonly validation?: CheckedExamples;
}

/** Examples whose images are laid out by a function, each value one byte. */
export function checkedPixels(
  labels: Uint8Array,
  imageBytes: number,
  writeImages: (images: Uint8Array) => void,
): CheckedExamples {
  const count = labels.length;
  const layOut = (): Checked<Examples> => {
    const images = new Uint8Array(new SharedArrayBuffer(count * imageBytes));
    writeImages(images);
    return { value: { images, labels, count } };
  };
  return { labels, count, layOut };
}
