/** Something that is wrong with a data set on disk, as data; text is made of it at the edge. */
export interface DatasetProblem {
  readonly code: /** Not there: the data set's folder, one of its files, or the package that ships it. */
    | "missing-dataset"
    | "missing-folder"
    | "missing-file"
    | "missing-package"
    /** Two files could be meant. */
    | "ambiguous-file"
    /** The operating system refused to read it. */
    | "unreadable"
    | "corrupt-gzip"
    /** Not what the format prescribes, by its first bytes or its size. */
    | "wrong-format"
    /** A label file where images belong, or the other way round. */
    | "mislabelled"
    | "empty"
    | "truncated"
    | "trailing-bytes"
    /** As many labels as images are needed. */
    | "count-mismatch"
    /** Training and test images must be of one size. */
    | "shape-mismatch"
    | "label-out-of-range"
    | "wrong-class-names"
    /** `labels:` for a format that has only one kind of labels. */
    | "wrong-label-choice"
    /** A class of one part of an image folder that its training part doesn't have. */
    | "unknown-class"
    | "corrupt-image"
    /** Something in an image folder that is neither a class nor an image. */
    | "unexpected-file"
    /** Not as many examples as were published. */
    | "wrong-count"
    /** Changed between being checked and being loaded. */
    | "changed"
    /** Not the published file. */
    | "wrong-hash";
  /** Absolute path of the file or folder, or the name of the package. */
  readonly file: string;
  /** What is wrong: what was found and what was expected. */
  readonly message: string;
  /** How to mend it. */
  readonly fix: string;
}

/** Writes a problem as one line: where, what, how to mend it. */
export function formatDatasetProblem(problem: DatasetProblem): string {
  return `${problem.file}: ${problem.message}; fix: ${problem.fix}`;
}
