import { renderInline } from "./example.ts";
import { toJsonSchema, type Expectation } from "./expectation.ts";
import { openInternal, removeInternal } from "./json-schema/internal-alternatives.ts";
import { isSchema, mapSchema } from "./json-schema/map-schema.ts";
import { ifThen, mergeAlternatives } from "./json-schema/merge-alternatives.ts";
import { mentionsKey, partialSchema, requiredNames } from "./json-schema/partial-schema.ts";

/** Names of the definitions that are added to those of the language. */
const [whole, part, sweepOfRequired] = ["experiment", "partOfExperiment", "sweepOfRequiredField"];

/** Fields that bring in what does not stand in its place in the file, so that the file alone can't be judged whole. */
const fieldsThatBringMore: readonly (readonly string[])[] = [["extends"], ["model", "blocks"]];

/**
 * The experiment language as a JSON Schema (draft-07) for editors and other tools: what people write, with
 * descriptions, defaults and examples. It allows whatever nightsweep allows; of what nightsweep refuses it refuses what
 * a JSON Schema can express, not rules between fields, shapes or the paths of a sweep.
 *
 * A file that does not say everything in its place (`extends`, blocks, a sweep over a field that has to be there) is
 * held against a variant in which no field has to be there.
 */
export function experimentJsonSchema(): Expectation {
  const { $schema = "http://json-schema.org/draft-07/schema#", ...raw } = toJsonSchema("draft-07");
  const language = mapSchema(raw, withPlainReference);
  const complete = forEditors(removeInternal(language));
  const partial = renameDefinitions(partialSchema(forEditors(openInternal(language))), "partOf");
  return {
    $schema,
    $id: "urn:nightsweep:experiment",
    // No title: the YAML language server calls every map without a title of its own by that of the file.
    description: "A nightsweep experiment. `nightsweep validate` also checks what no schema can.",
    type: "object",
    ...ifThen(doesNotSayEverything(), refTo(part)),
    else: refTo(whole),
    definitions: {
      [whole]: withoutDefinitions(complete),
      [part]: withoutDefinitions(partial),
      [sweepOfRequired]: mentionsKey(pathsOfRequired(complete), refTo(sweepOfRequired)),
      ...definitionsOf(complete),
      ...definitionsOf(partial),
    },
  };
}

function forEditors(language: Expectation): Expectation {
  return mapSchema(language, (schema) => mergeAlternatives(withNotes(withDefaultTold(withoutNoise(schema)))));
}

/** zod wraps references of draft-07, where nothing may stand beside them; ours stand alone. */
function withPlainReference(schema: Expectation): Expectation {
  const { allOf, ...rest } = schema;
  const [reference, ...others] = allOf ?? [];
  const isAlone = reference?.$ref !== undefined && others.length === 0 && Object.keys(rest).length === 0;
  return isAlone ? reference : schema;
}

/** Without what only says that numbers are numbers and keys are text. */
function withoutNoise({ propertyNames, ...schema }: Expectation): Expectation {
  const { maximum, minimum, ...rest } = schema;
  return {
    ...rest,
    ...(isSchema(propertyNames) && Object.keys(propertyNames).join() !== "type" ? { propertyNames } : {}),
    ...(minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  };
}

/** Editors show the description, but not the default, of what the mouse points at. */
function withDefaultTold(schema: Expectation): Expectation {
  const { description, default: byDefault } = schema;
  if (description === undefined || byDefault === undefined || /default/i.test(description)) return schema;
  const text = renderInline(byDefault);
  return text === "{}" ? schema : { ...schema, description: `${description} Default: ${text}.` };
}

/** Every map may have keys that start with `x-`: notes for people, places for anchors. */
function withNotes(schema: Expectation): Expectation {
  return schema.additionalProperties !== undefined ? { ...schema, patternProperties: { "^x-": {} } } : schema;
}

function doesNotSayEverything(): Expectation {
  const sweep: Expectation = { type: "object", required: ["sweep"], properties: { sweep: refTo(sweepOfRequired) } };
  return { anyOf: [...fieldsThatBringMore.map(hasField), sweep] };
}

function hasField([key = "", ...below]: readonly string[]): Expectation {
  return { type: "object", required: [key], ...(below.length > 0 ? { properties: { [key]: hasField(below) } } : {}) };
}

/** Paths of a sweep that lead to a field that has to be there: `model`, `data.dataset`, `model.layers[0].dense.units`. */
function pathsOfRequired(schema: Expectation): string {
  const sections = (schema.required ?? []).join("|");
  return `^(${sections})$|\\.(${[...requiredNames(schema)].join("|")})(\\[\\d+\\])*$`;
}

function refTo(name: string | undefined): Expectation {
  return { $ref: `#/definitions/${name}` };
}

function definitionsOf({ definitions }: Expectation): Readonly<Record<string, unknown>> {
  return isSchema(definitions) ? definitions : {};
}

function withoutDefinitions(schema: Expectation): Expectation {
  const { definitions: _, ...rest } = schema;
  return rest;
}

/** Gives all definitions, and the references to them, a prefix. */
function renameDefinitions(schema: Expectation, prefix: string): Expectation {
  const rename = (name: string) => `${prefix}${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  const renamed = mapSchema(schema, (inner) => {
    const { $ref } = inner;
    return $ref === undefined ? inner : { ...inner, $ref: $ref.replace(/[^/]+$/, rename) };
  });
  const definitions = Object.entries(definitionsOf(renamed)).map(([name, definition]) => [rename(name), definition]);
  return { ...renamed, definitions: Object.fromEntries(definitions) };
}
