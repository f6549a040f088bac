import type { Expectation } from "../expectation.ts";

/**
 * A copy of a schema in which every schema has been changed, innermost first. Conditions (`if`, `not`) are left as
 * they are: they choose, they don't allow.
 */
export function mapSchema(schema: Expectation, change: (schema: Expectation) => Expectation): Expectation {
  const inner = (below: Expectation): Expectation => mapSchema(below, change);
  const copy: Expectation = { ...schema };
  for (const key of ["anyOf", "oneOf", "allOf"] as const) {
    const choices = schema[key];
    if (choices) copy[key] = choices.map(inner);
  }
  for (const key of ["properties", "definitions", "$defs"] as const) {
    const fields = schema[key];
    if (isRecord(fields)) copy[key] = mapValues(fields, inner);
  }
  for (const key of ["additionalProperties", "additionalItems", "then", "else"] as const) {
    const below = schema[key];
    if (isSchema(below)) copy[key] = inner(below);
  }
  const { items } = schema;
  if (Array.isArray(items)) copy.items = items.map((item) => (isSchema(item) ? inner(item) : item));
  else if (isSchema(items)) copy.items = inner(items);
  return change(copy);
}

/** Whether a part of a schema is one itself, not `true` or `false`. */
export function isSchema(value: unknown): value is Expectation {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, Expectation | boolean>> {
  return isSchema(value);
}

function mapValues(
  fields: Readonly<Record<string, Expectation | boolean>>,
  change: (schema: Expectation) => Expectation,
): Record<string, Expectation> {
  const schemas = Object.entries(fields).filter((entry): entry is [string, Expectation] => isSchema(entry[1]));
  return Object.fromEntries(schemas.map(([key, field]) => [key, change(field)]));
}
