import { describeExpectation, describeGiven } from "./describe-expectation.ts";
import { exampleOf, renderInline } from "./example.ts";
import { bareLayerNames, fieldsOf, layerExpectations, type Place } from "./expectation.ts";
import type { ExperimentIssue } from "./issue.ts";
import { nearestName } from "./nearest-name.ts";
import { isBlockGroup } from "./schema/expand-blocks.ts";
import { readAtPath } from "./sweep-path.ts";

const howToWrite = "expected a map with one key, the layer's type";

/**
 * Explains an entry of a list of layers that is not written as a layer.
 * @returns undefined if it is a map with one known layer type, so that the mistake lies in the layer's parameters
 */
export function explainLayerEntry({ path, value, writtenModel }: Place): ExperimentIssue | undefined {
  const blockNames = Object.keys(Object(readAtPath(writtenModel, ["blocks"])));
  if (typeof value === "string") return explainBareName(value, path, blockNames);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return malformed(path, `got ${describeGiven(value)}, ${howToWrite}`, `write e.g. \`- ${exampleLayer("conv2d")}\``);
  if (isBlockGroup(value)) return undefined;
  const keys = Object.keys(value);
  const types = keys.filter((key) => layerExpectations().has(key));
  const [type, secondType] = types;
  if (type === undefined) return explainUnknownLayer(keys, { path, value }, blockNames);
  if (secondType !== undefined)
    return malformed(
      path,
      `got ${types.length} layers in one entry (${types.join(", ")}), ${howToWrite}`,
      "start every layer with its own `-`",
    );
  if (keys.length > 1) return explainMisplacedParameters(type, keys, value, path);
  return readAtPath(value, [type]) === null ? explainNoParameters(type, path) : undefined;
}

/** `- flatten:` with nothing behind it. */
function explainNoParameters(type: string, path: Place["path"]): ExperimentIssue {
  const expected = describeExpectation(layerExpectations().get(type) ?? {});
  const message = `got ${describeGiven(null)}, expected ${expected}`;
  return { code: "wrong-type", path: [...path, type], message, fix: `write \`- ${exampleLayer(type)}\`` };
}

function explainBareName(given: string, path: Place["path"], blockNames: readonly string[]): ExperimentIssue {
  const block = nearestName(given, blockNames);
  if (block !== undefined) return nearBlock(path, given, block, blockNames);
  const known = nearestName(given, layerExpectations().keys());
  const fix = known === undefined ? `write e.g. \`- ${exampleLayer("conv2d")}\`` : `write \`- ${exampleLayer(known)}\``;
  if (known === undefined) return { ...malformed(path, unknownType(given, blockNames), fix), code: "unknown-layer" };
  return malformed(path, `got ${describeGiven(given)}, ${howToWrite}`, fix);
}

function explainUnknownLayer(
  keys: readonly string[],
  { path, value }: Pick<Place, "path" | "value">,
  blockNames: readonly string[],
): ExperimentIssue {
  const [first] = keys;
  if (first === undefined)
    return malformed(path, `got an empty map, ${howToWrite}`, `write e.g. \`- ${exampleLayer("conv2d")}\``);
  const type = readAtPath(value, ["type"]);
  const given = typeof type === "string" ? type : first;
  const near = nearestName(given, layerExpectations().keys());
  if (keys.length > 1 || typeof type === "string") {
    const fix = `write the layer's type as the key: \`- ${exampleLayer(near ?? "conv2d")}\``;
    return malformed(path, `got ${describeGiven(value)}, ${howToWrite}`, fix);
  }
  const block = nearestName(first, blockNames);
  if (block !== undefined) return nearBlock([...path, first], first, block, blockNames);
  const fix = near === undefined ? "use one of the types above" : `did you mean \`${near}\`?`;
  return { code: "unknown-layer", path: [...path, first], message: unknownType(first, blockNames), fix };
}

function nearBlock(path: Place["path"], given: string, block: string, all: readonly string[]): ExperimentIssue {
  return { code: "unknown-layer", path, message: unknownType(given, all), fix: `did you mean \`${block}\`?` };
}

/** `- dense:` with `units:` below it in the same column: the parameters stand beside the layer. */
function explainMisplacedParameters(
  type: string,
  keys: readonly string[],
  value: object,
  path: Place["path"],
): ExperimentIssue {
  const others = keys.filter((key) => key !== type);
  const names = others.map((key) => `\`${key}\``).join(", ");
  const parameters = layerExpectations().get(type);
  const message = `got ${names} beside \`${type}\`, ${howToWrite}`;
  if (others.some((key) => parameters && fieldsOf(parameters).includes(key))) {
    const inside = {
      ...Object(readAtPath(value, [type])),
      ...Object.fromEntries(others.map((key) => [key, readAtPath(value, [key])])),
    };
    return malformed(
      path,
      message,
      `indent ${names} further than \`${type}\`: \`- ${renderInline({ [type]: inside }).slice(2, -2)}\``,
    );
  }
  return malformed(path, message, `remove ${names}, or start a layer of its own with \`-\``);
}

function malformed(path: Place["path"], message: string, fix: string): ExperimentIssue {
  return { code: "malformed-layer", path, message, fix };
}

function unknownType(given: string, blockNames: readonly string[]): string {
  const known = [...layerExpectations().keys()].join(", ");
  const blocks = blockNames.length > 0 ? `, or a block: ${blockNames.slice(0, 20).join(", ")}` : "";
  return `unknown layer type ${JSON.stringify(given.slice(0, 40))}, expected one of ${known}${blocks}`;
}

/** A layer as it is written after `- `. */
function exampleLayer(type: string): string {
  const parameters = exampleOf(layerExpectations().get(type) ?? {});
  if (bareLayerNames().includes(type)) return type;
  return `${type}: ${renderInline(parameters)}`;
}
