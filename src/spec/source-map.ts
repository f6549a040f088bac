import type { DocumentPath, SourcePosition } from "./issue.ts";

/** Something that values are written in: a file, or a `--set` flag. */
export interface SourceText {
  readonly file: string;
  readonly content: string;
  readonly positionOf: (offset: number) => SourcePosition;
}

/** A stretch of a text, as offsets; the end is behind its last character. */
export type TextRange = readonly [start: number, end: number];

/** Where one value of a document was written. */
export interface SourceEntry {
  readonly text: SourceText;
  /** The key that the value stands under; for list entries and the whole document the value. */
  readonly keyRange: TextRange;
  /** The value; the alias if it is one; the key if nothing was written. */
  readonly valueRange: TextRange;
  readonly children: ReadonlyMap<string | number, SourceEntry>;
}

/** Where something begins and ends; the end is behind its last character. */
export interface SourceRange {
  readonly start: SourcePosition;
  readonly end: SourcePosition;
}

/** Where the values of an experiment stand, right through aliases, merge keys, `extends` and `--set`. */
export interface SourceMap {
  readonly file: string;
  /** Position of the value at a path; if there is none, of the key of its nearest ancestor. */
  locate(path: DocumentPath): SourcePosition;
  /** Position of the last key of a path; if there is none, of the key of its nearest ancestor. */
  locateKey(path: DocumentPath): SourcePosition;
  /** Where `locate` points to, from beginning to end. */
  rangeOf(path: DocumentPath): SourceRange;
  /** Where `locateKey` points to, from beginning to end. */
  rangeOfKey(path: DocumentPath): SourceRange;
}

/**
 * Makes the source map of a document.
 * @param file the experiment's own file, as it is shown in messages
 */
export function createSourceMap(file: string, root: SourceEntry): SourceMap {
  const rangeOf = (path: DocumentPath) => {
    const { entry, isExact } = nearestEntry(root, path);
    return rangeIn(entry.text, isExact ? entry.valueRange : entry.keyRange);
  };
  const rangeOfKey = (path: DocumentPath) => {
    const { entry } = nearestEntry(root, path);
    return rangeIn(entry.text, entry.keyRange);
  };
  return {
    file,
    locate: (path) => rangeOf(path).start,
    locateKey: (path) => rangeOfKey(path).start,
    rangeOf,
    rangeOfKey,
  };
}

/** The YAML library ends blocks behind the line end that follows them: white space at the end is left out. */
function rangeIn({ content, positionOf }: SourceText, [start, end]: TextRange): SourceRange {
  const length = content.slice(start, Math.max(start, end)).trimEnd().length;
  return { start: positionOf(start), end: positionOf(start + length) };
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
