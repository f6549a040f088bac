/** One file of a data set. */
export interface DataFile {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the uncompressed content, hex. */
  readonly sha256: string;
}

/** What is known about a data set without looking at its pixels: enough to plan, and to notice any change. */
export interface DataManifest {
  /** `mnist`, or the folder's base name. */
  readonly name: string;
  readonly format: "idx" | "cifar10" | "cifar100";
  /** SHA-256 over the file names' roles and hashes and the label choice, hex: the identity of the data. */
  readonly sha256: string;
  /** [height, width, channels]. */
  readonly imageShape: readonly [number, number, number];
  readonly classCount: number;
  readonly classNames: readonly string[];
  readonly trainExamples: number;
  readonly testExamples: number;
  readonly files: readonly DataFile[];
}
