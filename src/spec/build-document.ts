import { isAlias, isMap, isScalar, isSeq, type Alias, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { nearestName } from "./nearest-name.ts";
import type { DocumentPath, ExperimentIssue } from "./issue.ts";
import type { YamlValue } from "./schema/experiment.ts";
import type { SourceEntry, SourceText, TextRange } from "./source-map.ts";

/** What is allowed at most; anything above is no experiment but an accident or an attack. */
export const documentLimits = {
  /** Lists and maps inside one another. */
  depth: 64,
  /** Characters of keys and scalars after all aliases have been written out. */
  characters: 2 * 1024 * 1024,
  mergedEntries: 100_000,
} as const;

/** A document with its aliases and merge keys resolved. */
export interface BuiltDocument {
  readonly value: YamlValue;
  readonly root: SourceEntry;
  readonly issues: readonly ExperimentIssue[];
  /** Whether the value is complete but for the places of the issues, so that it makes sense to look on. */
  readonly isUsable: boolean;
}

/** A value under its key, with what is needed to merge it elsewhere. */
interface BuiltEntry extends SourceEntry {
  readonly value: YamlValue;
  /** Levels of lists and maps. */
  readonly depth: number;
  readonly characters: number;
  readonly children: Children;
  /** Set if there is an issue about it and nothing is known of the value. */
  readonly isBroken?: true;
}

type Children = ReadonlyMap<string | number, BuiltEntry>;

/**
 * Turns YAML nodes into a plain JSON value and remembers where each part was written. What is aliased is built once
 * and shared, so the work is bounded by the size of the file even when the written-out document would be enormous.
 * @param node content of the parsed document, at most `documentLimits.depth` levels deep, its keys all strings
 */
export function buildDocument(node: unknown, text: SourceText): BuiltDocument {
  const builder = new DocumentBuilder(text);
  const root = builder.build(node, []);
  return { value: root.value, root, issues: builder.issues, isUsable: !builder.isBeyondLimits };
}

class DocumentBuilder {
  readonly issues: ExperimentIssue[] = [];
  isBeyondLimits = false;
  readonly #text: SourceText;
  /** Undefined while the anchored value is still being built. */
  readonly #anchors = new Map<string, BuiltEntry | undefined>();
  #mergedEntryCount = 0;

  constructor(text: SourceText) {
    this.#text = text;
  }

  /** @param keyRange the key that the value stands under, if there is one */
  build(node: unknown, path: DocumentPath, keyRange?: TextRange): BuiltEntry {
    if (isAlias(node)) return this.#resolve(node, path, keyRange);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const entry = this.#withinLimits(this.#buildContent(node, path, keyRange), path);
    if (anchor !== undefined) this.#anchors.set(anchor, entry);
    return entry;
  }

  #buildContent(node: unknown, path: DocumentPath, keyRange: TextRange | undefined): BuiltEntry {
    const written = { text: this.#text, keyRange };
    if (isMap(node)) return entryOfMap(this.#buildChildren(node, path), rangeOf(node), written);
    if (isSeq(node)) return entryOfList(this.#buildItems(node, path), rangeOf(node), written);
    return isScalar(node) ? entryOfScalar(node, written) : this.#brokenEntry(keyRange ?? [0, 0]);
  }

  #buildItems(list: YAMLSeq, path: DocumentPath): readonly BuiltEntry[] {
    return list.items.map((item, index) => this.build(item, [...path, index]));
  }

  #buildChildren(map: YAMLMap, path: DocumentPath): Map<string, BuiltEntry> {
    const children = new Map<string, BuiltEntry>();
    const ownKeyOffsets = new Map<string, number>();
    for (const { key, value } of map.items) {
      if (!isScalar(key)) continue;
      const name = String(key.value);
      const childPath = [...path, name];
      if (this.#isRefused(name, offsetOf(key), ownKeyOffsets, childPath)) continue;
      ownKeyOffsets.set(name, offsetOf(key));
      const child = this.build(value, childPath, rangeOf(key));
      if (name === "<<" && key.type === "PLAIN") this.#merge(child, children, childPath);
      else if (!isNote(name)) children.set(name, child);
    }
    return children;
  }

  #isRefused(name: string, offset: number, earlier: ReadonlyMap<string, number>, path: DocumentPath): boolean {
    const earlierOffset = earlier.get(name);
    if (earlierOffset !== undefined) {
      const message = `the key "${name}" is already given in line ${this.#text.positionOf(earlierOffset).line}`;
      const fix = name === "<<" ? "merge several maps with `<<: [*one, *two]`" : "remove one of the two";
      this.#report(offset, path, "duplicate-key", message, fix);
    } else if (name === "__proto__") {
      this.#report(offset, path, "yaml-key", "`__proto__` can't be used as a key", "use another name");
    } else return false;
    return true;
  }

  #resolve(alias: Alias, path: DocumentPath, keyRange: TextRange | undefined): BuiltEntry {
    const { source: name } = alias;
    const range = rangeOf(alias);
    const [offset] = range;
    const target = this.#anchors.get(name);
    if (target !== undefined) return { ...target, valueRange: range, keyRange: keyRange ?? range };
    if (this.#anchors.has(name))
      this.#report(offset, path, "yaml-alias", `\`*${name}\` stands inside the value that it repeats`, "remove it");
    else {
      const message = `there is no \`&${name}\` before \`*${name}\``;
      const fix = `mark the value with \`&${name}\` where it is first written`;
      const nearest = nearestName(name, firstOf(this.#anchors.keys(), 20));
      this.#report(offset, path, "yaml-alias", message, nearest ? `did you mean \`*${nearest}\`?` : fix);
    }
    return this.#brokenEntry(keyRange ?? range);
  }

  /** Adds the entries of merged maps. The map's own entries win, then those of the map that was merged first. */
  #merge(merged: BuiltEntry, children: Map<string, BuiltEntry>, path: DocumentPath): void {
    const sources = Array.isArray(merged.value) ? [...merged.children.values()] : [merged];
    for (const source of sources) {
      if (source.isBroken) continue;
      if (!isPlainMap(source.value)) {
        const fix = "write `<<: *name`, where `&name` marks a map";
        return this.#report(merged.valueRange[0], path, "yaml-merge", "`<<` takes a map or a list of maps", fix);
      }
      this.#mergedEntryCount += source.children.size;
      if (this.#mergedEntryCount > documentLimits.mergedEntries)
        return this.#reportLimit(merged.valueRange[0], path, "yaml-too-large", "`<<` merges too many entries");
      for (const [key, child] of source.children) if (!children.has(String(key))) children.set(String(key), child);
    }
  }

  #brokenEntry(range: TextRange): BuiltEntry {
    const nothing = { value: null, depth: 0, characters: 0, children: new Map(), isBroken: true } as const;
    return { text: this.#text, keyRange: range, valueRange: range, ...nothing };
  }

  #withinLimits(entry: BuiltEntry, path: DocumentPath): BuiltEntry {
    const { depth, characters } = documentLimits;
    if (entry.depth > depth)
      this.#reportLimit(entry.valueRange[0], path, "yaml-too-deep", `lists and maps nest deeper than ${depth} levels`);
    else if (entry.characters > characters)
      this.#reportLimit(
        entry.valueRange[0],
        path,
        "yaml-too-large",
        `with its aliases written out the document has more than ${characters / 1024 / 1024} Mi characters`,
      );
    else return entry;
    return this.#brokenEntry(entry.keyRange);
  }

  #reportLimit(offset: number, path: DocumentPath, code: string, message: string): void {
    if (this.isBeyondLimits) return;
    this.isBeyondLimits = true;
    this.#report(offset, path, code, message, "write the experiment with fewer nested aliases (`*name`)");
  }

  #report(offset: number, path: DocumentPath, code: string, message: string, fix: string): void {
    this.issues.push({ code, path, message, fix, position: this.#text.positionOf(offset) });
  }
}

/** In which text a value is written, and under which key if there is one. */
interface Written {
  readonly text: SourceText;
  readonly keyRange: TextRange | undefined;
}

function entryOfMap(
  entries: Map<string, BuiltEntry>,
  range: TextRange,
  { text, keyRange = range }: Written,
): BuiltEntry {
  const value = Object.fromEntries([...entries].map(([key, entry]) => [key, entry.value]));
  const keyCharacters = [...entries.keys()].reduce((sum, key) => sum + key.length, 0);
  const { depth, characters } = sizeOf([...entries.values()]);
  return { text, value, valueRange: range, keyRange, depth, characters: characters + keyCharacters, children: entries };
}

function entryOfList(items: readonly BuiltEntry[], range: TextRange, { text, keyRange = range }: Written): BuiltEntry {
  const value = items.map((item) => item.value);
  return { text, value, valueRange: range, keyRange, ...sizeOf(items), children: new Map(items.entries()) };
}

function entryOfScalar(scalar: Scalar, { text, keyRange }: Written): BuiltEntry {
  const isWritten = scalar.value !== null || (scalar.source ?? "") !== "";
  const range = rangeOf(scalar);
  const valueRange = isWritten ? range : (keyRange ?? range);
  const value = isYamlScalar(scalar.value) ? scalar.value : null;
  const characters = 1 + String(value).length;
  return { text, value, valueRange, keyRange: keyRange ?? range, depth: 0, characters, children: new Map() };
}

function sizeOf(parts: readonly BuiltEntry[]): { readonly depth: number; readonly characters: number } {
  let depth = 0;
  let characters = 1;
  for (const part of parts) {
    depth = Math.max(depth, part.depth);
    characters += part.characters;
  }
  return { depth: depth + 1, characters };
}

/** Only some: comparing each of thousands of unknown aliases with thousands of anchors would take too long. */
function firstOf(names: Iterable<string>, count: number): readonly string[] {
  const first: string[] = [];
  for (const name of names) {
    if (first.length === count) break;
    first.push(name);
  }
  return first;
}

function rangeOf({ range }: { readonly range?: readonly [number, number, number] | null }): TextRange {
  return [range?.[0] ?? 0, range?.[1] ?? 0];
}

function offsetOf(node: { readonly range?: readonly [number, number, number] | null }): number {
  return rangeOf(node)[0];
}

/** Keys that start with `x-` are notes for people, and places for anchors; they are no part of the experiment. */
function isNote(key: string): boolean {
  return key.startsWith("x-");
}

function isPlainMap(value: YamlValue): value is { [key: string]: YamlValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isYamlScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
