import { kindOf, listedValues, marksOf, type Expectation } from "../expectation.ts";
import { isSchema } from "./map-schema.ts";

// Editors guess which alternative of an `anyOf` is meant, complete only some of them and complain about the fields that
// another one wants. Where the value itself tells which is meant, the choice is written so that nothing is guessed.

/** A union with its alternatives that are maps put together, as far as the value itself tells which one is meant. */
export function mergeAlternatives(schema: Expectation): Expectation {
  const { anyOf, oneOf, ...around } = schema;
  const choices = anyOf ?? oneOf;
  if (choices === undefined) return schema;
  const maps = choices.filter((choice) => kindOf(choice) === "object" && choice.properties !== undefined);
  const merged = mergeByKey(maps) ?? mergeByMark(maps);
  if (maps.length < 2 || merged === undefined) return schema;
  const open = choices.find(isOpenMap);
  const map = open === undefined || merged.maxProperties !== 1 ? merged : { ...merged, ...open };
  const others = choices.filter((choice) => !maps.includes(choice) && (choice !== open || map === merged));
  return others.length === 0 ? { ...around, ...map } : { ...around, anyOf: [map, ...others] };
}

/** A map with one key that may be any. */
function isOpenMap({ maxProperties, properties, additionalProperties }: Expectation): boolean {
  return maxProperties === 1 && properties === undefined && isSchema(additionalProperties);
}

/** Maps with one key each, as layers are: one map that has one of the keys. */
function mergeByKey(maps: readonly Expectation[]): Expectation | undefined {
  const fields = maps.flatMap(({ properties = {} }) => Object.entries(properties));
  const isByKey = maps.every(({ required = [] }) => required.length === 1) && fields.length === maps.length;
  const keys = new Set(fields.map(([key]) => key));
  if (!isByKey || keys.size !== maps.length) return undefined;
  return {
    type: "object",
    properties: Object.fromEntries(fields),
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  };
}

/** Maps whose `type` (or another such field) tells them apart: its value decides on the other fields. */
function mergeByMark(maps: readonly Expectation[]): Expectation | undefined {
  const marks = maps.map((map) => marksOf(map)[0]);
  const [first] = marks;
  if (first === undefined || !marks.every((mark) => mark?.key === first.key)) return undefined;
  const values = marks.flatMap((mark) => (mark ? listedValues(mark.field) : []));
  if (new Set(values).size !== values.length) return undefined;
  const { key } = first;
  const isRequired = maps.every(({ required = [] }) => required.includes(key));
  return {
    type: "object",
    properties: { [key]: { ...annotationsOf(marks.map((mark) => mark?.field)), enum: values.filter(isScalar) } },
    ...(isRequired ? { required: [key] } : {}),
    allOf: maps.map((map) => ifThen(conditionOf(map, key), map)),
  };
}

/** A schema that holds where a condition does. */
export function ifThen(condition: Expectation, schema: Expectation): Expectation {
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; nothing awaits a schema
  return { if: condition, then: schema };
}

/** Holds for the values that the map is for; also without the key, if it may be left out. */
function conditionOf({ properties = {}, required = [] }: Expectation, key: string): Expectation {
  const mark = properties[key];
  const listed = { enum: listedValues(isSchema(mark) ? mark : {}).filter(isScalar) };
  return { properties: { [key]: listed }, ...(required.includes(key) ? { required: [key] } : {}) };
}

function annotationsOf(fields: readonly (Expectation | undefined)[]): Expectation {
  const description = fields.find((field) => field?.description !== undefined)?.description;
  const byDefault = fields.find((field) => field?.default !== undefined)?.default;
  return {
    ...(description === undefined ? {} : { description }),
    ...(byDefault === undefined ? {} : { default: byDefault }),
  };
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value !== "object";
}
