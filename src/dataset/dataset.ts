import type { DataManifest } from "./data-manifest.ts";

/** Images and their labels, in file order. */
export interface Examples {
  /** Grey or colour values 0…255, shape [count, height, width, channels], row-major. */
  readonly images: Uint8Array;
  /** True class indices, shape [count]. */
  readonly labels: Uint8Array | Uint16Array;
  readonly count: number;
}

/** A data set in memory: what it is, what is learned from, what is tested on. */
export interface Dataset {
  readonly manifest: DataManifest;
  readonly train: Examples;
  readonly test: Examples;
}

/** Examples that have been checked but whose images may still be in the file's own layout. */
export interface CheckedExamples {
  readonly labels: Uint8Array;
  readonly count: number;
  /** Images, shape [count, height, width, channels]; lays them out on every call. */
  decodeImages(): Uint8Array;
}

/** A data set in which nothing is wrong, before its images are laid out. */
export interface CheckedDataset {
  readonly manifest: DataManifest;
  readonly train: CheckedExamples;
  readonly test: CheckedExamples;
}
