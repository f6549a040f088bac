import { z } from "zod";
import type { DocumentPath } from "./issue.ts";
import { experimentSchema } from "./schema/experiment.ts";
import { blockKey, expandBlocks } from "./schema/expand-blocks.ts";
import { readAtPath } from "./sweep-path.ts";

/** What the language allows somewhere, as JSON Schema. */
export type Expectation = z.core.JSONSchema.BaseSchema;

/** A place in an experiment: what stands there and what is allowed there. */
export interface Place {
  readonly path: DocumentPath;
  readonly value: unknown;
  /** Undefined below a key that the language does not know. */
  readonly expected: Expectation | undefined;
  /** The `model:` section as it is written: in `value`, the blocks that it uses have been put in. */
  readonly writtenModel?: unknown;
}

let experimentExpectation: Expectation | undefined;

/** What the language allows as a whole. Made on first use: only experiments with mistakes pay for it. */
function wholeExpectation(): Expectation {
  experimentExpectation ??= toJsonSchema("draft-2020-12");
  return experimentExpectation;
}

/** The whole language as zod writes it: what people write, before values are transformed. */
export function toJsonSchema(target: "draft-2020-12" | "draft-07"): Expectation {
  return z.toJSONSchema(experimentSchema, { io: "input", target, override: keepExamples });
}

/** zod leaves examples out where a value is transformed, but ours are always of what is written. */
function keepExamples({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: Expectation }): void {
  const examples = z.globalRegistry.get(zodSchema)?.["examples"];
  if (Array.isArray(examples)) jsonSchema.examples = examples;
}

/** The place of a whole experiment. */
export function placeOfExperiment(document: unknown): Place {
  const writtenModel = readAtPath(document, ["model"]);
  const model = expandBlocks(writtenModel);
  const value = model === writtenModel ? document : { ...Object(document), model };
  return { path: [], value, expected: wholeExpectation(), writtenModel };
}

/** The place of one section that is looked at alone. */
export function placeOfSection(section: string, value: unknown): Place {
  const expected = expectedBelow(wholeExpectation(), section, undefined);
  if (section !== "model") return { path: [section], value, expected };
  return { path: [section], value: expandBlocks(value), expected, writtenModel: value };
}

/** What every type of layer allows as its parameters. */
export function layerExpectations(): ReadonlyMap<string, Expectation> {
  const entries = alternativesOf({ $ref: "#/$defs/layerEntry" }).flatMap(({ properties }) =>
    Object.entries(properties ?? {}),
  );
  return new Map(
    entries.flatMap(([type, expected]) =>
      typeof expected === "object" && type !== blockKey ? [[type, expected] as const] : [],
    ),
  );
}

/** Names of layers that may stand alone, without parameters. */
export function bareLayerNames(): readonly unknown[] {
  return listedValues({ $ref: "#/$defs/layerEntry" });
}

/** Whether a place is an entry of a list of layers. */
export function isLayerEntry({ expected }: Place): boolean {
  return expected?.$ref === "#/$defs/layerEntry";
}

/** Whether any YAML value is allowed at a place. */
export function isAnyValue({ expected }: Place): boolean {
  return expected?.$ref === "#/$defs/yamlValue";
}

/** A place below another one; where several alternatives are allowed, the value tells which one is meant. */
export function descend(place: Place, path: DocumentPath): Place {
  let { value, expected } = place;
  for (const part of path) {
    expected = expected && expectedBelow(expected, part, value);
    value = readAtPath(value, [part]);
  }
  return { ...place, path: [...place.path, ...path], value, expected };
}

/** Every alternative that is allowed, choices within choices written out; a single one if there is no choice. */
export function alternativesOf(expected: Expectation): readonly Expectation[] {
  const resolved = resolve(expected);
  const choices = choicesOf(resolved);
  return choices === undefined ? [resolved] : choices.flatMap(alternativesOf);
}

/** The choices of a union in the order of its schema; undefined if it is none. */
export function choicesOf(expected: Expectation): readonly Expectation[] | undefined {
  const resolved = resolve(expected);
  const { type, anyOf, oneOf } = resolved;
  if (Array.isArray(type)) return type.map((kind): Expectation => ({ ...resolved, type: kind }));
  return anyOf ?? oneOf;
}

/** The alternative that a value was meant to be; undefined if that can't be told. */
export function meantAlternative(expected: Expectation, value: unknown): Expectation | undefined {
  const sameKind = alternativesOf(expected).filter((alternative) => kindOf(alternative) === kindOfValue(value));
  const meant = sameKind.length > 1 ? sameKind.filter((alternative) => hasMarkOf(alternative, value)) : sameKind;
  return meant.length === 1 ? meant[0] : undefined;
}

/** Index of the choice of a union that a value was meant to be; undefined if that can't be told. */
export function meantChoice(expected: Expectation, value: unknown): number | undefined {
  const choices = choicesOf(expected) ?? [];
  const meant = meantAlternative(expected, value);
  const candidates = [...choices.keys()].filter((index) => {
    const alternatives = alternativesOf(choices[index] ?? {});
    if (meant !== undefined) return alternatives.includes(meant);
    return alternatives.some((alternative) => kindOf(alternative) === kindOfValue(value));
  });
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** Names of the fields of a map. */
export function fieldsOf(expected: Expectation): readonly string[] {
  return [...new Set(alternativesOf(expected).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** The values that are listed one by one: of an enumeration, or of all alternatives that are one. */
export function listedValues(expected: Expectation): readonly unknown[] {
  return alternativesOf(expected).flatMap((alternative) => {
    if (alternative.const !== undefined) return [alternative.const];
    return alternative.enum ?? [];
  });
}

/** The kind of value that one alternative allows; undefined if it allows several. */
export function kindOf({ type, const: constant, enum: listed }: Expectation): string | undefined {
  if (Array.isArray(type)) return undefined;
  if (type !== undefined) return type === "integer" ? "number" : type;
  return listed || constant !== undefined ? kindOfValue(constant ?? listed?.[0]) : undefined;
}

/** The kind of a YAML value in the words of JSON Schema. */
export function kindOfValue(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** The fields of a map, such as `type`, whose values tell it from other maps. */
export function marksOf({ properties = {}, required = [] }: Expectation) {
  return Object.entries(properties).flatMap(([key, field]) => {
    if (typeof field !== "object" || !isFixed(field)) return [];
    return required.includes(key) || field.const !== undefined ? [{ key, field }] : [];
  });
}

/** Among several maps: whether the value has the mark, or else the key, that only this one has. */
function hasMarkOf(expected: Expectation, value: unknown): boolean {
  const marks = marksOf(expected);
  if (marks.length === 0) return (expected.required ?? []).some((key) => readAtPath(value, [key]) !== undefined);
  return marks.every(({ key, field }) => listedValues(field).includes(readAtPath(value, [key]) ?? field.default));
}

function isFixed({ const: constant, enum: listed }: Expectation): boolean {
  return constant !== undefined || listed !== undefined;
}

function expectedBelow(expected: Expectation, part: string | number, value: unknown): Expectation | undefined {
  const meant = meantAlternative(expected, value);
  const candidates = meant ? [meant] : alternativesOf(expected);
  const found = candidates
    .map((candidate) => partOf(candidate, part))
    .filter((field): field is Expectation => field !== undefined);
  if (found.length > 1 && found.every(isFixed)) return { enum: found.flatMap(listedValues).filter(isScalar) };
  return found[0];
}

function partOf(expected: Expectation, part: string | number): Expectation | undefined {
  const { properties = {}, additionalProperties, prefixItems, items } = expected;
  const found =
    typeof part === "number"
      ? (prefixItems?.[part] ?? (Array.isArray(items) ? undefined : items))
      : Object.hasOwn(properties, part)
        ? properties[part]
        : additionalProperties;
  return typeof found === "object" ? found : undefined;
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value !== "object";
}

function resolve(expected: Expectation): Expectation {
  const { $ref } = expected;
  if ($ref === undefined) return expected;
  const found = wholeExpectation().$defs?.[$ref.replace("#/$defs/", "")];
  return typeof found === "object" ? resolve(found) : {};
}
