import { alternativesOf, type Expectation } from "./expectation.ts";

/** A value that is allowed: the schema's own example or default, else a simple one. */
export function exampleOf(expected: Expectation): unknown {
  const { examples, default: byDefault } = expected;
  if (examples?.[0] !== undefined) return examples[0];
  if (byDefault !== undefined) return byDefault;
  const [first = {}] = alternativesOf(expected);
  return first === expected ? simpleExample(first) : exampleOf(first);
}

function simpleExample(expected: Expectation): unknown {
  if (expected.const !== undefined) return expected.const;
  if (expected.enum) return expected.enum[0];
  switch (expected.type) {
    case "integer":
    case "number":
      return [1, 0.5, 0].find((value) => isInRange(expected, value)) ?? expected.minimum;
    case "boolean":
      return true;
    case "array":
      return exampleList(expected);
    case "object":
      return exampleMap(expected);
    default:
      return "text";
  }
}

function exampleList({ prefixItems, items }: Expectation): readonly unknown[] {
  const entries = prefixItems ?? (Array.isArray(items) ? items : [items]);
  return entries.map((entry) => (typeof entry === "object" ? exampleOf(entry) : 1));
}

function exampleMap({ properties = {}, required = [] }: Expectation): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    required.map((key) => {
      const field = properties[key];
      return [key, typeof field === "object" ? exampleOf(field) : null];
    }),
  );
}

/** Whether a number is one that is allowed: whole if need be, and within the bounds. */
export function isInRange(expected: Expectation, value: number): boolean {
  const { type, minimum = -Infinity, maximum = Infinity, exclusiveMinimum, exclusiveMaximum } = expected;
  if (!Number.isFinite(value) || (type === "integer" && !Number.isInteger(value))) return false;
  if (value < minimum || value > maximum) return false;
  if (typeof exclusiveMinimum === "number" && value <= exclusiveMinimum) return false;
  return typeof exclusiveMaximum !== "number" || value < exclusiveMaximum;
}

/** Writes a value as YAML in one line: `{ units: 128, activation: relu }`. */
export function renderInline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderInline).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([key, field]) => `${renderText(key)}: ${renderInline(field)}`);
    return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  }
  return typeof value === "string" ? renderText(value) : String(value);
}

const plainText = /^[A-Za-z_][\w./-]*$/;
const otherMeaning = /^(true|false|null)$/i;

function renderText(text: string): string {
  return plainText.test(text) && !otherMeaning.test(text) ? text : JSON.stringify(text);
}
