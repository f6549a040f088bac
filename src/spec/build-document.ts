import { isAlias, isMap, isScalar, isSeq, type Alias, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { nearestName } from "./nearest-name.ts";
import type { DocumentPath, ExperimentIssue, SourcePosition } from "./issue.ts";
import type { YamlValue } from "./schema/experiment.ts";
import type { SourceEntry } from "./source-map.ts";

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
export function buildDocument(node: unknown, positionOf: (offset: number) => SourcePosition): BuiltDocument {
  const builder = new DocumentBuilder(positionOf);
  const root = builder.build(node, []);
  return { value: root.value, root, issues: builder.issues, isUsable: !builder.isBeyondLimits };
}

class DocumentBuilder {
  readonly issues: ExperimentIssue[] = [];
  isBeyondLimits = false;
  readonly #positionOf: (offset: number) => SourcePosition;
  /** Undefined while the anchored value is still being built. */
  readonly #anchors = new Map<string, BuiltEntry | undefined>();
  #mergedEntryCount = 0;

  constructor(positionOf: (offset: number) => SourcePosition) {
    this.#positionOf = positionOf;
  }

  /** @param keyOffset start of the key that the value stands under, if there is one */
  build(node: unknown, path: DocumentPath, keyOffset?: number): BuiltEntry {
    if (isAlias(node)) return this.#resolve(node, path, keyOffset);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const entry = this.#withinLimits(this.#buildContent(node, path, keyOffset), path);
    if (anchor !== undefined) this.#anchors.set(anchor, entry);
    return entry;
  }

  #buildContent(node: unknown, path: DocumentPath, keyOffset: number | undefined): BuiltEntry {
    if (isMap(node)) return entryOfMap(this.#buildChildren(node, path), offsetOf(node), keyOffset);
    if (isSeq(node)) return entryOfList(this.#buildItems(node, path), offsetOf(node), keyOffset);
    return isScalar(node) ? entryOfScalar(node, keyOffset) : brokenEntry(keyOffset ?? 0);
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
      const child = this.build(value, childPath, offsetOf(key));
      if (name === "<<" && key.type === "PLAIN") this.#merge(child, children, childPath);
      else children.set(name, child);
    }
    return children;
  }

  #isRefused(name: string, offset: number, earlier: ReadonlyMap<string, number>, path: DocumentPath): boolean {
    const earlierOffset = earlier.get(name);
    if (earlierOffset !== undefined) {
      const message = `the key "${name}" is already given in line ${this.#positionOf(earlierOffset).line}`;
      const fix = name === "<<" ? "merge several maps with `<<: [*one, *two]`" : "remove one of the two";
      this.#report(offset, path, "duplicate-key", message, fix);
    } else if (name === "__proto__") {
      this.#report(offset, path, "yaml-key", "`__proto__` can't be used as a key", "use another name");
    } else return false;
    return true;
  }

  #resolve(alias: Alias, path: DocumentPath, keyOffset: number | undefined): BuiltEntry {
    const { source: name } = alias;
    const offset = offsetOf(alias);
    const target = this.#anchors.get(name);
    if (target !== undefined) return { ...target, valueOffset: offset, keyOffset: keyOffset ?? offset };
    if (this.#anchors.has(name))
      this.#report(offset, path, "yaml-alias", `\`*${name}\` stands inside the value that it repeats`, "remove it");
    else {
      const message = `there is no \`&${name}\` before \`*${name}\``;
      const fix = `mark the value with \`&${name}\` where it is first written`;
      const nearest = nearestName(name, firstOf(this.#anchors.keys(), 20));
      this.#report(offset, path, "yaml-alias", message, nearest ? `did you mean \`*${nearest}\`?` : fix);
    }
    return brokenEntry(keyOffset ?? offset);
  }

  /** Adds the entries of merged maps. The map's own entries win, then those of the map that was merged first. */
  #merge(merged: BuiltEntry, children: Map<string, BuiltEntry>, path: DocumentPath): void {
    const sources = Array.isArray(merged.value) ? [...merged.children.values()] : [merged];
    for (const source of sources) {
      if (source.isBroken) continue;
      if (!isPlainMap(source.value)) {
        const fix = "write `<<: *name`, where `&name` marks a map";
        return this.#report(merged.valueOffset, path, "yaml-merge", "`<<` takes a map or a list of maps", fix);
      }
      this.#mergedEntryCount += source.children.size;
      if (this.#mergedEntryCount > documentLimits.mergedEntries)
        return this.#reportLimit(merged.valueOffset, path, "yaml-too-large", "`<<` merges too many entries");
      for (const [key, child] of source.children) if (!children.has(String(key))) children.set(String(key), child);
    }
  }

  #withinLimits(entry: BuiltEntry, path: DocumentPath): BuiltEntry {
    const { depth, characters } = documentLimits;
    if (entry.depth > depth)
      this.#reportLimit(entry.valueOffset, path, "yaml-too-deep", `lists and maps nest deeper than ${depth} levels`);
    else if (entry.characters > characters)
      this.#reportLimit(
        entry.valueOffset,
        path,
        "yaml-too-large",
        `with its aliases written out the document has more than ${characters / 1024 / 1024} Mi characters`,
      );
    else return entry;
    return brokenEntry(entry.keyOffset);
  }

  #reportLimit(offset: number, path: DocumentPath, code: string, message: string): void {
    if (this.isBeyondLimits) return;
    this.isBeyondLimits = true;
    this.#report(offset, path, code, message, "write the experiment with fewer nested aliases (`*name`)");
  }

  #report(offset: number, path: DocumentPath, code: string, message: string, fix: string): void {
    this.issues.push({ code, path, message, fix, position: this.#positionOf(offset) });
  }
}

function entryOfMap(entries: Map<string, BuiltEntry>, offset: number, keyOffset = offset): BuiltEntry {
  const value = Object.fromEntries([...entries].map(([key, entry]) => [key, entry.value]));
  const keyCharacters = [...entries.keys()].reduce((sum, key) => sum + key.length, 0);
  const { depth, characters } = sizeOf([...entries.values()]);
  return { value, valueOffset: offset, keyOffset, depth, characters: characters + keyCharacters, children: entries };
}

function entryOfList(items: readonly BuiltEntry[], offset: number, keyOffset = offset): BuiltEntry {
  const value = items.map((item) => item.value);
  return { value, valueOffset: offset, keyOffset, ...sizeOf(items), children: new Map(items.entries()) };
}

function entryOfScalar(scalar: Scalar, keyOffset: number | undefined): BuiltEntry {
  const isWritten = scalar.value !== null || (scalar.source ?? "") !== "";
  const offset = offsetOf(scalar);
  const valueOffset = isWritten ? offset : (keyOffset ?? offset);
  const value = isYamlScalar(scalar.value) ? scalar.value : null;
  const characters = 1 + String(value).length;
  return { value, valueOffset, keyOffset: keyOffset ?? offset, depth: 0, characters, children: new Map() };
}

function brokenEntry(offset: number): BuiltEntry {
  return {
    value: null,
    keyOffset: offset,
    valueOffset: offset,
    depth: 0,
    characters: 0,
    children: new Map(),
    isBroken: true,
  };
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

function offsetOf(node: { readonly range?: readonly [number, number, number] | null }): number {
  return node.range?.[0] ?? 0;
}

function isPlainMap(value: YamlValue): value is { [key: string]: YamlValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isYamlScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
