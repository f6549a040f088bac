import type { DocumentPath } from "../issue.ts";
import { nearestName } from "../nearest-name.ts";
import { blockDefinitionOf, blockUseOf, isMap, parameterOf } from "./block-use.ts";
import { groupTypes, layerParameterSchemas } from "./layer-parameters.ts";

/** Something that is wrong with how a block is written or used. */
export interface BlockMistake {
  readonly path: DocumentPath;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

const layerTypes: readonly string[] = [...Object.keys(layerParameterSchemas), ...groupTypes];

/** More blocks than any experiment has; keeps the search for cycles short. */
const maxBlockCount = 200;

/** Whether a key of an entry names a layer or a group of layers, not a block. */
export function isLayerType(key: string): boolean {
  return layerTypes.includes(key);
}

/**
 * What is wrong with the definitions of blocks, whether they are used or not.
 * @param blocks the value of `model.blocks`
 * @returns mistakes with paths from there
 */
export function findBlockMistakes(blocks: unknown): readonly BlockMistake[] {
  if (!isMap(blocks)) return [];
  const names = Object.keys(blocks);
  if (names.length > maxBlockCount) return [tooManyBlocks(names.length)];
  return Object.entries(blocks).flatMap(([name, value]) => [
    ...checkName(name),
    ...checkParameters(name, value),
    ...checkRecursion(name, blocks),
  ]);
}

/** Names of the blocks that can be put in where they are used: the others would echo what is wrong with them. */
export function findUsableBlocks(blocks: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const names = Object.keys(blocks);
  if (names.length > maxBlockCount) return new Set();
  return new Set(
    names.filter(
      (name) =>
        checkName(name).length === 0 &&
        checkParameters(name, blocks[name]).length === 0 &&
        findCycle(name, blocks) === undefined,
    ),
  );
}

function tooManyBlocks(count: number): BlockMistake {
  const message = `got ${count} blocks, expected at most ${maxBlockCount}`;
  return { path: [], code: "out-of-range", message, fix: "use fewer blocks" };
}

function checkName(name: string): readonly BlockMistake[] {
  const code = "block-name";
  if (isLayerType(name)) {
    const message = `the block is called like the layer \`${name}\`: an entry \`- ${name}: …\` would mean either`;
    return [{ path: [name], code, message, fix: `choose another name, e.g. \`${name}Block\`` }];
  }
  if (/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return [];
  const message = `got ${JSON.stringify(name.slice(0, 40))} as the name of a block, expected a letter followed by letters, digits or _`;
  return [{ path: [name], code, message, fix: "write e.g. `vgg`" }];
}

/** Parameters that are declared twice or not used, and `$names` that are not declared. */
function checkParameters(name: string, value: unknown): readonly BlockMistake[] {
  const definition = blockDefinitionOf(value);
  if (definition === undefined) return [];
  const { params, layers } = definition;
  const uses = [...usesBelow(layers, [name, "layers"])];
  const used = new Set(uses.map(({ parameter }) => parameter));
  const undeclared = uses.filter(({ parameter }) => !params.includes(parameter));
  const misspelt = new Set(undeclared.map(({ parameter }) => nearestName(parameter, params)));
  return [
    ...params.flatMap((param, index) => {
      const path = [name, "params", index];
      if (params.indexOf(param) < index) return [repeatedParameter(param, path)];
      return used.has(param) || misspelt.has(param) ? [] : [unusedParameter(param, path)];
    }),
    ...undeclared.map(({ parameter, path }) => undeclaredParameter(parameter, params, path)),
  ];
}

function repeatedParameter(param: string, path: DocumentPath): BlockMistake {
  const message = `got the parameter \`${param}\` a second time, expected every parameter once`;
  return { path, code: "repeated-parameter", message, fix: "remove it" };
}

function unusedParameter(param: string, path: DocumentPath): BlockMistake {
  const message = `the parameter \`${param}\` is used nowhere in the block`;
  const fix = `write \`$${param}\` as a value in the block's layers, or remove it`;
  return { path, code: "unused-parameter", message, fix };
}

function undeclaredParameter(parameter: string, params: readonly string[], path: DocumentPath): BlockMistake {
  const known = params.map((param) => `$${param}`);
  const message = `\`$${parameter}\` is no parameter of this block, ${known.length > 0 ? `expected one of ${known.join(", ")}` : "which has none"}`;
  const near = nearestName(parameter, params);
  const fix = near === undefined ? `add \`${parameter}\` to the block's \`params\`` : `did you mean \`$${near}\`?`;
  return { path, code: "undeclared-parameter", message, fix };
}

/** Every `$name` below a value. */
function* usesBelow(
  value: unknown,
  path: DocumentPath,
): Generator<{ readonly parameter: string; readonly path: DocumentPath }> {
  const parameter = parameterOf(value);
  if (parameter !== undefined) yield { parameter, path };
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value))
    yield* usesBelow(child, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** A block that is used inside itself, by way of others or at once; told once, at the first block of the cycle. */
function checkRecursion(name: string, blocks: Readonly<Record<string, unknown>>): readonly BlockMistake[] {
  const cycle = findCycle(name, blocks);
  const names = Object.keys(blocks);
  if (cycle === undefined || cycle.some((other) => names.indexOf(other) < names.indexOf(name))) return [];
  const message =
    cycle.length === 1 ? "the block uses itself" : `the block uses itself: ${[...cycle, name].join(" → ")}`;
  return [{ path: [name], code: "recursive-block", message, fix: "use `repeat`, or remove one of these uses" }];
}

/** The blocks on the way from a block back to itself, the block first. */
function findCycle(start: string, blocks: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const seen = new Set<string>();
  const search = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    for (const next of blocksUsedBy(name, blocks)) {
      if (next === start) return trail;
      if (seen.has(next)) continue;
      seen.add(next);
      const cycle = search(next, [...trail, next]);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  };
  return search(start, [start]);
}

function blocksUsedBy(name: string, blocks: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const found = new Set<string>();
  const hasBlock = (candidate: string) => Object.hasOwn(blocks, candidate) && !isLayerType(candidate);
  const open: unknown[] = [...(blockDefinitionOf(blocks[name])?.layers ?? [])];
  while (open.length > 0) {
    const entry = open.pop();
    const use = blockUseOf(entry, hasBlock);
    if (use) found.add(use.name);
    else open.push(...innerEntries(entry));
  }
  return found;
}

/** The entries inside a group of layers. */
function innerEntries(entry: unknown): readonly unknown[] {
  if (!isMap(entry)) return [];
  return groupTypes.flatMap((type) => {
    const group = entry[type];
    if (!isMap(group)) return [];
    return [group["layers"], group["shortcut"], group["branches"]].flatMap((list) =>
      Array.isArray(list) ? list.flat() : [],
    );
  });
}
