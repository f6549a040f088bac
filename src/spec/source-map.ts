import type { DocumentPath, SourcePosition } from "./issue.ts";

/** Where one value of a document was written, as offsets into the text. */
export interface SourceEntry {
  /** Start of the key that the value stands under; for list entries and the whole document start of the value. */
  readonly keyOffset: number;
  /** Start of the value; of the alias if it is one; of the key if nothing was written. */
  readonly valueOffset: number;
  readonly children: ReadonlyMap<string | number, SourceEntry>;
}

/** Where the values of an experiment stand in its file, right through aliases and merge keys. */
export interface SourceMap {
  readonly file: string;
  /** Position of the value at a path; if there is none, of the key of its nearest ancestor. */
  locate(path: DocumentPath): SourcePosition;
  /** Position of the last key of a path; if there is none, of the key of its nearest ancestor. */
  locateKey(path: DocumentPath): SourcePosition;
}

/** Makes the source map of a document. */
export function createSourceMap(
  file: string,
  root: SourceEntry,
  positionOf: (offset: number) => SourcePosition,
): SourceMap {
  return {
    file,
    locate: (path) => {
      const { entry, isExact } = nearestEntry(root, path);
      return positionOf(isExact ? entry.valueOffset : entry.keyOffset);
    },
    locateKey: (path) => positionOf(nearestEntry(root, path).entry.keyOffset),
  };
}

function nearestEntry(root: SourceEntry, path: DocumentPath): { entry: SourceEntry; isExact: boolean } {
  let entry = root;
  for (const part of path) {
    const child = entry.children.get(part);
    if (child === undefined) return { entry, isExact: false };
    entry = child;
  }
  return { entry, isExact: true };
}
