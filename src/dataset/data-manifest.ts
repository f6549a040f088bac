import { createHash } from "node:crypto";

/** One file of a data set. */
export interface DataFile {
  /** What the file is in its format: `train-images`, `test-labels`, `train-3`…; unlike the name, it never varies. */
  readonly role: string;
  /** The file's own name, inside the data set's folder. */
  readonly name: string;
  /** Size of the uncompressed content. */
  readonly bytes: number;
  /** SHA-256 of the uncompressed content, hex. */
  readonly sha256: string;
}

/** What is known about a data set without its pixels: enough to plan, and to notice any change. */
export interface DataManifest {
  /** `mnist`, or the folder's base name. */
  readonly name: string;
  readonly format: "idx" | "cifar10" | "cifar100" | "images";
  /** The identity of the data: see `hashDataFiles`. */
  readonly sha256: string;
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly classCount: number;
  /** One name per class; the class' number where nobody named it. */
  readonly classNames: readonly string[];
  readonly trainExamples: number;
  readonly testExamples: number;
  /** Examples of each class by file. */
  readonly classCounts: { readonly train: readonly number[]; readonly test: readonly number[] };
  /** Examples of the data set's own validation part, if it has one. */
  readonly validationExamples?: number;
  /** Bytes of all images as they are stored, where that is not one byte a value. */
  readonly storedBytes?: number;
  /**
   * If the images are not of one size: the first files and their sizes, for people. `imageShape` then is the smallest
   * height and the smallest width.
   */
  readonly mixedSizes?: readonly string[];
  readonly files: readonly DataFile[];
}

/**
 * The identity of a data set: the same for the same content, whatever the files and folders are called and
 * whether or not they are compressed.
 * @param files all files that hold images or labels, in any order
 * @param labelChoice which of several kinds of labels is learned, for formats that have several
 * @returns SHA-256, hex, over one line `<role> <sha256>` per file in the order of the roles, then `labels <choice>`
 */
export function hashDataFiles(files: readonly Pick<DataFile, "role" | "sha256">[], labelChoice?: string): string {
  const lines = files.map((file) => `${file.role} ${file.sha256}\n`).sort();
  if (labelChoice !== undefined) lines.push(`labels ${labelChoice}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}
