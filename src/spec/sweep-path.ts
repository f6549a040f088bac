import { formatPath, type DocumentPath } from "./issue.ts";
import type { YamlValue } from "./schema/experiment.ts";

/** A path that was written as text, or what is wrong with it. */
export type ParsedSweepPath = { readonly path: DocumentPath } | { readonly problem: string };

/** A changed document, or why it could not be changed there. */
export type ChangedDocument = { readonly document: YamlValue } | { readonly problem: string };

const step = /(?:^|(?!^)\.)([A-Za-z_][\w-]*)|\[(0|[1-9]\d{0,5})\]/y;
const howToWrite = "write keys with dots between them and list indexes (from 0) in brackets";

/**
 * Reads a path as people write it: `model.layers[2].conv2d.filters`.
 * @returns the path, or a problem in words if the text is none
 */
export function parseSweepPath(text: string): ParsedSweepPath {
  const path: (string | number)[] = [];
  step.lastIndex = 0;
  while (step.lastIndex < text.length) {
    const from = step.lastIndex;
    const [, key, index] = step.exec(text) ?? [];
    if (key === "__proto__") return { problem: "`__proto__` is not a field" };
    if (key !== undefined) path.push(key);
    else if (index !== undefined && path.length > 0) path.push(Number(index));
    else return { problem: `${JSON.stringify(text.slice(from))} is not part of a path; ${howToWrite}` };
  }
  return path.length > 0 ? { path } : { problem: `the path is empty; ${howToWrite}` };
}

/**
 * The value at a path.
 * @returns undefined if there is nothing
 */
export function readAtPath(document: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((value, part) => child(value, part), document);
}

function child(value: unknown, part: string | number): unknown {
  if (Array.isArray(value)) return typeof part === "number" ? value[part] : undefined;
  return isMap(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

/**
 * A copy of the document with another value at a path; everything that is unchanged is shared, nothing is modified.
 * Missing (or empty) maps on the way are created.
 * @returns the problem in words if the path leads through a scalar, past the end of a list, or mixes up lists and maps
 */
export function setAtPath(document: YamlValue, path: DocumentPath, value: YamlValue): ChangedDocument {
  return setBelow(document, path, 0, value);
}

function setBelow(current: YamlValue, path: DocumentPath, depth: number, value: YamlValue): ChangedDocument {
  const part = path[depth];
  if (part === undefined) return { document: value };
  const problem = obstacle(current, part, formatPath(path.slice(0, depth)));
  if (problem !== undefined) return { problem };
  const below = setBelow(childOrEmpty(current, part), path, depth + 1, value);
  if ("problem" in below) return below;
  if (Array.isArray(current)) return { document: current.with(Number(part), below.document) };
  return { document: { ...(isYamlMap(current) ? current : {}), [part]: below.document } };
}

/** Why `part` can't be set in `current`, or undefined. */
function obstacle(current: YamlValue, part: string | number, where: string): string | undefined {
  const here = where === "" ? "the document" : `\`${where}\``;
  if (Array.isArray(current)) {
    if (typeof part === "string") return `${here} is a list; choose an entry, e.g. \`${where}[0]\``;
    if (part < current.length) return undefined;
    return `${here} has ${current.length} entries, there is no [${part}] (the first is [0])`;
  }
  if (typeof part === "number") return `${here} is not a list, it has no entry [${part}]`;
  if (current === null || isMap(current)) return undefined;
  return `${here} is ${JSON.stringify(current)}, not a map; it has no field \`${part}\``;
}

function childOrEmpty(current: YamlValue, part: string | number): YamlValue {
  if (Array.isArray(current)) return current[Number(part)] ?? null;
  return isYamlMap(current) && Object.hasOwn(current, part) ? (current[part] ?? null) : null;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isYamlMap(value: YamlValue): value is { [key: string]: YamlValue } {
  return isMap(value);
}
