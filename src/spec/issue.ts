/** A place in an experiment: keys and list indexes from the top of the document. */
export type DocumentPath = readonly (string | number)[];

/** Where something stands in a file; line and column count from 1. */
export interface SourcePosition {
  /** Name of the file as it was given; the whole flag (`--set training.epochs=5`) if it stands on the command line. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Set for what stands on the command line. */
  readonly isSetting?: true;
}

/** Something that is wrong with an experiment, as data; text is made of it at the edge. */
export interface ExperimentIssue {
  /**
   * Stable name of the kind of problem, for tests and tools, e.g. `unknown-key`, `wrong-type`, `shape-mismatch`.
   * `unknown-…`, `missing-…` and `…-path` are about the last key of the path, all others about the value.
   */
  readonly code: string;
  readonly path: DocumentPath;
  /** What is wrong, in the words of the person's YAML: what was given and what is allowed. */
  readonly message: string;
  /** How to mend it. */
  readonly fix: string;
  /** Where the documentation tells of it: file and anchor. Set for what the language does not allow. */
  readonly docs?: string;
  /** Known once the issue has been located in its source; absent for experiments that were not read from text. */
  readonly position?: SourcePosition;
  /** Where what stands at the position ends: behind its last character. */
  readonly end?: Pick<SourcePosition, "line" | "column">;
}

/** Writes a path as people write it: `model.layers[2].conv2d.filters`. */
export function formatPath(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** Writes a position as editors and compilers do: `cnn.yaml:14:9`; a flag stands for itself. */
export function formatPosition({ file, line, column, isSetting }: SourcePosition): string {
  return isSetting ? file : `${file}:${line}:${column}`;
}

/** Whether a path leads to a place or to something inside it. */
export function isAtOrBelow(path: DocumentPath, place: DocumentPath): boolean {
  return place.every((part, index) => part === path[index]);
}
