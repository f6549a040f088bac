import { alternativesOf, fieldsOf, kindOf, listedValues, type Expectation } from "./expectation.ts";

/** Says in words what is allowed: `a whole number ≥ 1`, `one of valid, same`, `a map (keys: first)`. */
export function describeExpectation(expected: Expectation): string {
  const listed = listedValues(expected);
  const others = alternativesOf(expected).filter((alternative) => listedValues(alternative).length === 0);
  const kinds = [...new Set(others.map(kindOf))];
  const descriptions = kinds.map((kind) =>
    describeKind(
      kind,
      others.filter((other) => kindOf(other) === kind),
    ),
  );
  if (listed.length > 1) descriptions.unshift(`one of ${listed.join(", ")}`);
  if (listed.length === 1) descriptions.unshift(JSON.stringify(listed[0]));
  return descriptions.join(" or ");
}

function describeKind(kind: string | undefined, alternatives: readonly Expectation[]): string {
  const [first = {}] = alternatives;
  switch (kind) {
    case "number":
      return describeNumber(first, "a whole number", "a number");
    case "boolean":
      return "true or false";
    case "array":
      return describeList(first);
    case "object":
      return describeMap({ anyOf: [...alternatives] });
    case "string":
      return describeText(first);
    case "null":
      return "nothing";
    default:
      return "a value";
  }
}

function describeText({ minLength = 0, maxLength }: Expectation): string {
  if (maxLength !== undefined) return `a string of ${Math.max(minLength, 1)} to ${maxLength} characters`;
  return minLength > 0 ? "a string that is not empty" : "a string";
}

function describeNumber(expected: Expectation, whole: string, any: string): string {
  const { minimum, maximum } = expected;
  if (minimum !== undefined && boundsOf(maximum, "≤").length > 0)
    return `${expected.type === "integer" ? whole : any} from ${minimum} to ${maximum}`;
  const bounds = [
    ...boundsOf(expected.exclusiveMinimum, ">"),
    ...boundsOf(expected.minimum, "≥"),
    ...boundsOf(expected.exclusiveMaximum, "<"),
    ...boundsOf(expected.maximum, "≤"),
  ];
  return [expected.type === "integer" ? whole : any, bounds.join(" and ")].filter(Boolean).join(" ");
}

function boundsOf(bound: number | boolean | undefined, sign: string): readonly string[] {
  return typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? [`${sign} ${bound}`] : [];
}

function describeList({ prefixItems, items, minItems = 0 }: Expectation): string {
  const each = prefixItems?.[0] ?? items;
  const what = typeof each === "object" && !Array.isArray(each) ? describeEntries(each) : "";
  if (prefixItems) return `a list of ${prefixItems.length}${what}`;
  const least = minItems > 1 ? `${minItems} entries` : "one entry";
  return what === "" ? `a list${minItems > 0 ? ` with at least ${least}` : ""}` : `a list of${what}`;
}

function describeEntries(each: Expectation): string {
  return kindOf(each) === "number" ? ` ${describeNumber(each, "whole numbers", "numbers")}` : "";
}

function describeMap(expected: Expectation): string {
  const fields = fieldsOf(expected);
  return fields.length > 0 ? `a map (keys: ${fields.join(", ")})` : "a map";
}

/** Says in words what was given: `"fast" (string)`, `a list of 3`. Long values are cut. */
export function describeGiven(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `${JSON.stringify(shorten(value))} (string)`;
    case "number":
      return `${describeNumberValue(value)} (number)`;
    case "boolean":
      return `${value} (true or false)`;
    case "undefined":
      return "nothing";
    default:
      return describeStructure(value);
  }
}

function describeStructure(value: unknown): string {
  if (value === null) return "nothing (an empty value)";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  const keys = Object.keys(Object(value));
  const more = keys.length > 4 ? ", …" : "";
  return keys.length === 0 ? "an empty map" : `a map (keys: ${keys.slice(0, 4).map(shorten).join(", ")}${more})`;
}

function describeNumberValue(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? ".inf" : "-.inf";
}

/** Cuts a long text. */
export function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
