// The parts of a document that blocks are written in, as plain values: nothing of it has been checked yet.

/** A block that is written well enough to be used. */
export interface BlockDefinition {
  readonly params: readonly string[];
  readonly layers: readonly unknown[];
}

/** A block that is used as an entry of a list of layers. */
export interface BlockUse {
  readonly name: string;
  /** What was written as its arguments; `{}` for a bare name. */
  readonly given: unknown;
}

type YamlMap = Readonly<Record<string, unknown>>;

/** The block that an entry uses, if it uses one. */
export function blockUseOf(entry: unknown, hasBlock: (name: string) => boolean): BlockUse | undefined {
  if (typeof entry === "string") return hasBlock(entry) ? { name: entry, given: {} } : undefined;
  if (!isMap(entry)) return undefined;
  const [name, ...others] = Object.keys(entry);
  if (name === undefined || others.length > 0 || !hasBlock(name)) return undefined;
  return { name, given: entry[name] ?? {} };
}

/** The definition in a value of `blocks`; undefined if it is not written as one. */
export function blockDefinitionOf(value: unknown): BlockDefinition | undefined {
  if (!isMap(value)) return undefined;
  const { params = [], layers } = value;
  if (!Array.isArray(params) || !params.every((param) => typeof param === "string")) return undefined;
  return isList(layers) && layers.length > 0 ? { params, layers } : undefined;
}

/** The parameter that a whole value stands for: `filters` for `$filters`. */
export function parameterOf(value: unknown): string | undefined {
  return typeof value === "string" && value.startsWith("$") && value.length > 1 ? value.slice(1) : undefined;
}

/** Whether a value is a map. */
export function isMap(value: unknown): value is YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a list. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
