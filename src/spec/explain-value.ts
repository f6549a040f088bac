import { describeExpectation, describeGiven } from "./describe-expectation.ts";
import { exampleOf, isInRange, renderInline } from "./example.ts";
import {
  alternativesOf,
  fieldsOf,
  kindOf,
  kindOfValue,
  listedValues,
  marksOf,
  type Expectation,
  type Place,
} from "./expectation.ts";
import { formatPath, type DocumentPath, type ExperimentIssue } from "./issue.ts";
import { nearestName } from "./nearest-name.ts";
import { readAtPath } from "./sweep-path.ts";

/** The issue of a value that is not allowed where it stands. */
export function explainWrongValue(place: Place): ExperimentIssue {
  const { path, value, expected = {} } = place;
  const isAllowedKind = alternativesOf(expected).some((alternative) => kindOf(alternative) === kindOfValue(value));
  const message = `got ${describeGiven(value)}, expected ${describeExpectation(expected)}`;
  return { code: isAllowedKind ? "wrong-value" : "wrong-type", path, message, fix: fixValue(place, expected) };
}

/** The issue of a field that has to be given and is not. */
export function explainMissing({ path, expected = {} }: Place): ExperimentIssue {
  const { description } = expected;
  const about = description === undefined ? "" : ` (${lowerFirst(firstSentence(description))})`;
  const message = `missing, expected ${describeExpectation(expected)}`;
  return { code: "missing-key", path, message, fix: `add e.g. \`${underKey(path, exampleOf(expected))}\`${about}` };
}

/** The first advice that applies, most special first. */
function fixValue(place: Place, expected: Expectation): string {
  return (
    fixNonFinite(place) ??
    fixNestedGrid(place) ??
    fixMissingSpace(place, expected) ??
    fixQuoted(place, expected) ??
    fixNearName(place, expected) ??
    fixNamedMap(place, expected) ??
    fixForbiddenCharacters(place, expected) ??
    fixMissingBrackets(place, expected) ??
    `write e.g. \`${underKey(place.path, exampleOf(expected))}\``
  );
}

function fixNonFinite({ value }: Place): string | undefined {
  if (typeof value !== "number" || Number.isFinite(value)) return undefined;
  return "write a finite number; .nan and .inf are not allowed";
}

/** `name:mnist-cnn` is a text, no map. */
function fixMissingSpace({ value }: Place, expected: Expectation): string | undefined {
  const [key = ""] = typeof value === "string" ? value.split(":", 1) : [];
  if (key === value || !fieldsOf(expected).includes(key)) return undefined;
  return `write \`${key}: …\` with a space after the colon`;
}

/** A grid or zip that is written as nested maps instead of paths. */
function fixNestedGrid({ value, path }: Place): string | undefined {
  const isList = path.at(-2) === "grid" || path.at(-2) === "zip";
  if (path[0] !== "sweep" || !isList || kindOfValue(value) !== "object") return undefined;
  const inner = firstLeaf(value);
  const text = formatPath([...path.slice(-1), ...inner]);
  return `write the whole path as one key: \`${renderInline({ [text]: readAtPath(value, inner) }).slice(2, -2)}\``;
}

function firstLeaf(value: unknown): DocumentPath {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const [entry] = Object.entries(value);
  return entry ? [entry[0], ...firstLeaf(entry[1])] : [];
}

/** Numbers and truth values that were read as text: `"5"`, `1_000`, `yes`. */
function fixQuoted({ value, path }: Place, expected: Expectation): string | undefined {
  if (typeof value !== "string") return undefined;
  const number = Number(value.trim().replaceAll(/[_,](?=\d{3})/g, ""));
  for (const alternative of alternativesOf(expected)) {
    const kind = kindOf(alternative);
    if (kind === "number" && value.trim() !== "" && isInRange(alternative, number))
      return `write it as a plain number: \`${underKey(path, number)}\``;
    if (kind === "boolean" && /^(y|yes|on|true)$/i.test(value)) return `write \`${underKey(path, true)}\``;
    if (kind === "boolean" && /^(n|no|off|false)$/i.test(value)) return `write \`${underKey(path, false)}\``;
  }
  return undefined;
}

function fixNearName({ value }: Place, expected: Expectation): string | undefined {
  if (typeof value !== "string") return undefined;
  const near = nearestName(value, listedValues(expected).filter(isText));
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}

/** `optimizer: adam` where a map with a type is expected. */
function fixNamedMap({ value, path }: Place, expected: Expectation): string | undefined {
  if (typeof value !== "string") return undefined;
  for (const alternative of alternativesOf(expected)) {
    for (const { key, field } of marksOf(alternative)) {
      const near = nearestName(value, listedValues(field).filter(isText));
      if (near === undefined) continue;
      return `write \`${underKey(path, { [key]: near, ...exampleWithout(alternative, key) })}\``;
    }
  }
  return undefined;
}

/** What a map needs besides one of its fields. */
function exampleWithout(expected: Expectation, key: string): object {
  const required = expected.required?.filter((other) => other !== key) ?? [];
  return Object(exampleOf({ ...expected, required }));
}

/** `name: My Experiment`, where only some characters are allowed. */
function fixForbiddenCharacters({ value, path }: Place, { pattern }: Expectation): string | undefined {
  if (typeof value !== "string" || pattern === undefined) return undefined;
  const candidates = [
    value.replaceAll(/[^A-Za-z0-9]+/g, "_"),
    value
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, ""),
  ];
  const allowed = candidates.find((candidate) => candidate !== value && new RegExp(pattern).test(candidate));
  return allowed === undefined || allowed.length > 60 ? undefined : `write e.g. \`${underKey(path, allowed)}\``;
}

function fixMissingBrackets({ value, path }: Place, expected: Expectation): string | undefined {
  const [list, ...others] = alternativesOf(expected);
  if (others.length > 0 || list?.type !== "array" || value === null || Array.isArray(value)) return undefined;
  const { items, prefixItems } = list;
  if (prefixItems) return undefined;
  const isEntry = typeof items !== "object" || Array.isArray(items) || allows(items, value);
  return isEntry ? `write a list: \`${underKey(path, [value])}\`` : undefined;
}

function allows(expected: Expectation, value: unknown): boolean {
  const kind = kindOfValue(value);
  return alternativesOf(expected).some((alternative) => {
    if (kindOf(alternative) !== kind) return false;
    return kind !== "object" || fieldsOf(alternative).some((field) => Object.hasOwn(Object(value), field));
  });
}

/** A value with the key that it belongs under: `epochs: 5`; list entries stand alone. */
export function underKey(path: Place["path"], value: unknown): string {
  const key = path.at(-1);
  const text = typeof key === "string" ? `${renderInline(key)}: ${renderInline(value)}` : renderInline(value);
  return text.length <= maxAdviceLength ? text : `${text.slice(0, maxAdviceLength - 1)}…`;
}

const maxAdviceLength = 160;

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function firstSentence(text: string): string {
  return text.split(/[.;](?:\s|$)/)[0] ?? text;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
