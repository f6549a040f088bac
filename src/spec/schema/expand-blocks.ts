import { nearestName } from "../nearest-name.ts";
import { type BlockMistake, findUsableBlocks, isLayerType } from "./block-mistakes.ts";
import {
  type BlockDefinition,
  blockDefinitionOf,
  type BlockUse,
  blockUseOf,
  isList,
  isMap,
  parameterOf,
} from "./block-use.ts";
import { groupTypes } from "./layer-parameters.ts";

/** Key of the entry that a used block is expanded to: no block or layer can be called so. */
export const blockKey = "$block";

/** What a used block is expanded to, under `blockKey`. */
export interface BlockGroup {
  readonly name: string;
  /** Empty if the block can't be used like this. */
  readonly layers: readonly unknown[];
  /** What is wrong with the use, with paths from the entry. A set: nothing that is written in YAML is one. */
  readonly mistakes: ReadonlySet<BlockMistake>;
}

/** Values that all used blocks may have together, many times as many as any architecture of this kind. */
const maxExpandedValues = 100_000;
/** What a use counts besides its values: keeps the number of uses below 2,000. */
const valuesPerUse = 50;

interface Scope {
  readonly definitions: ReadonlyMap<string, BlockDefinition | undefined>;
  /** Values of the parameters of the block that is being expanded; undefined outside of blocks. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** Shared by all: keeps blocks that use blocks from filling the memory. */
  readonly budget: { valuesLeft: number; isExceeded: boolean };
}

/**
 * Puts the layers of each used block in its place, `$parameters` replaced by arguments. Every entry stays one entry, so
 * that places can be told apart (see `originOf`); what is no block is left as it is, right or wrong.
 * @param model a `model:` section as written
 */
export function expandBlocks(model: unknown): unknown {
  if (!isMap(model) || !isMap(model["blocks"]) || !isList(model["layers"])) return model;
  const definitions = usableDefinitions(model["blocks"]);
  const scope: Scope = { definitions, budget: { valuesLeft: maxExpandedValues, isExceeded: false } };
  return { ...model, layers: model["layers"].map((entry) => expandEntry(entry, scope)) };
}

/** Whether an entry of an expanded architecture stands for a used block. */
export function isBlockGroup(entry: unknown): boolean {
  const group = isMap(entry) ? entry[blockKey] : undefined;
  return isMap(group) && group["mistakes"] instanceof Set;
}

/** All blocks by name; without definition if there is a mistake in it, of which its uses would only be echoes. */
function usableDefinitions(blocks: Readonly<Record<string, unknown>>): Scope["definitions"] {
  const usable = findUsableBlocks(blocks);
  return new Map(
    Object.entries(blocks)
      .filter(([name]) => !isLayerType(name))
      .map(([name, value]) => [name, usable.has(name) ? blockDefinitionOf(value) : undefined]),
  );
}

function expandEntry(entry: unknown, scope: Scope): unknown {
  const use = blockUseOf(entry, (name) => scope.definitions.has(name));
  if (use) return { [blockKey]: expandUse(use, scope) };
  if (!isMap(entry)) return entry;
  return Object.fromEntries(
    Object.entries(entry).map(([type, value]) => [
      type,
      groupTypes.some((group) => group === type) ? expandGroup(value, scope) : substitute(value, scope),
    ]),
  );
}

/** Expands the lists of layers in a group; `branches` is a list of such lists. */
function expandGroup(group: unknown, scope: Scope): unknown {
  if (!isMap(group)) return substitute(group, scope);
  const expandList = (list: unknown): unknown =>
    isList(list) ? list.map((entry) => expandEntry(entry, scope)) : substitute(list, scope);
  return Object.fromEntries(
    Object.entries(group).map(([key, value]) => {
      if (key === "layers" || key === "shortcut") return [key, expandList(value)];
      if (key === "branches" && isList(value)) return [key, value.map(expandList)];
      return [key, substitute(value, scope)];
    }),
  );
}

function expandUse({ name, given }: BlockUse, scope: Scope): BlockGroup {
  const definition = scope.definitions.get(name);
  if (definition === undefined) return { name, layers: [], mistakes: new Set() };
  if (scope.budget.isExceeded) return { name, layers: [], mistakes: new Set() };
  const mistakes = new Set(checkArguments(name, given, definition.params));
  scope.budget.valuesLeft -= valuesPerUse;
  scope.budget.isExceeded = scope.budget.valuesLeft <= 0;
  if (scope.budget.isExceeded) mistakes.add(tooManyValues(name));
  const args = substitute(given, scope);
  if (mistakes.size > 0 || !isMap(args)) return { name, layers: [], mistakes };
  const layers = definition.layers.map((entry) => expandEntry(entry, { ...scope, args }));
  return { name, layers, mistakes };
}

function substitute(value: unknown, scope: Scope): unknown {
  const { args, budget } = scope;
  if (args === undefined) return value;
  budget.valuesLeft--;
  const parameter = parameterOf(value);
  if (parameter !== undefined) return Object.hasOwn(args, parameter) ? args[parameter] : value;
  if (isList(value)) return value.map((item) => substitute(item, scope));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, substitute(child, scope)]));
}

function checkArguments(name: string, given: unknown, params: readonly string[]): readonly BlockMistake[] {
  const takes = params.length > 0 ? `${name} takes ${params.join(", ")}` : `${name} takes no arguments`;
  if (!isMap(given)) {
    const message = `got ${JSON.stringify(given)?.slice(0, 40)}, expected a map of arguments: ${takes}`;
    return [{ path: [name], code: "wrong-type", message, fix: `write \`${exampleUse(name, params)}\`` }];
  }
  const unknown = Object.keys(given).filter((key) => !params.includes(key));
  const missing = params.filter((param) => given[param] === undefined);
  const nearby = new Map(unknown.map((key) => [key, nearestName(key, missing)]));
  const misspelt = new Set(nearby.values());
  return [
    ...unknown.map((key) => unknownArgument({ name, key, takes, near: nearby.get(key) })),
    ...missing.filter((param) => !misspelt.has(param)).map((param) => missingArgument(name, param)),
  ];
}

function unknownArgument(unknown: {
  readonly name: string;
  readonly key: string;
  readonly takes: string;
  readonly near: string | undefined;
}): BlockMistake {
  const { name, key, takes, near } = unknown;
  const message = `unknown argument ${JSON.stringify(key.slice(0, 40))} of the block ${name}: ${takes}`;
  const fix = near === undefined ? "remove it, or add it to the block's `params`" : `did you mean \`${near}\`?`;
  return { path: [name, key], code: "unknown-argument", message, fix };
}

function missingArgument(name: string, param: string): BlockMistake {
  const message = `missing, expected a value for the parameter \`${param}\` of the block ${name}`;
  return { path: [name, param], code: "missing-argument", message, fix: `add \`${param}: …\`` };
}

function tooManyValues(name: string): BlockMistake {
  const message = "the architecture is larger than any of this kind once its blocks are written out";
  return { path: [name], code: "too-many-layers", message, fix: "use fewer blocks inside blocks" };
}

function exampleUse(name: string, params: readonly string[]): string {
  return params.length === 0 ? name : `${name}: { ${params.map((param) => `${param}: …`).join(", ")} }`;
}
