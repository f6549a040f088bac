import type { Expectation } from "../expectation.ts";
import { isSchema, mapSchema } from "./map-schema.ts";

/**
 * What is allowed in a file that does not say everything itself: no field has to be there, and `null` takes away what
 * another file brings. What stands there must still be right.
 */
export function partialSchema(schema: Expectation): Expectation {
  return mapSchema(schema, (inner) => {
    const { required: _, allOf, ...others } = inner;
    const rest = allOf === undefined ? others : { ...others, allOf: allOf.map(withGivenMark) };
    const { properties } = rest;
    if (properties === undefined) return rest;
    const fields = Object.entries(properties).map(([key, field]) => [key, isSchema(field) ? nullable(field) : field]);
    return { ...rest, properties: Object.fromEntries(fields) };
  });
}

/** A condition that holds where the deciding field is left out: here another file may have it. */
function withGivenMark(choice: Expectation): Expectation {
  const { if: condition } = choice;
  if (!isSchema(condition)) return choice;
  return { ...choice, if: { ...condition, required: Object.keys(condition.properties ?? {}) } };
}

function nullable(field: Expectation): Expectation {
  const { const: constant, ...rest } = field;
  const listed = constant === undefined ? (field.enum ?? []) : [constant];
  const orNull: Expectation = listed.length > 0 ? { ...rest, enum: [...listed, null] } : field;
  if (typeof field.type === "string") return { ...orNull, type: [field.type, "null"] };
  if (field.anyOf) return { ...field, anyOf: [...field.anyOf, { type: "null" }] };
  if (field.oneOf) return { ...field, oneOf: [...field.oneOf, { type: "null" }] };
  return orNull;
}

/** Names of all fields, at any depth, that have to be there. */
export function requiredNames(schema: Expectation): ReadonlySet<string> {
  const names = new Set<string>();
  mapSchema(schema, (inner) => {
    for (const name of inner.required ?? []) names.add(name);
    return inner;
  });
  return names;
}

/**
 * A condition that holds where a key of some map, however deep, matches: a sweep that has a path to a certain field.
 * @param self reference to the condition itself, under which the caller defines it
 */
export function mentionsKey(pattern: string, self: Expectation): Expectation {
  return {
    anyOf: [
      { type: "object", not: { propertyNames: { not: { pattern } } } },
      { type: "object", not: { additionalProperties: { not: self } } },
      { type: "array", contains: self },
    ],
  };
}
