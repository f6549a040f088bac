import { alternativesOf, type Expectation, fieldsOf, kindOf, type Place } from "./expectation.ts";
import { explainUnknownKey, type UnknownKeyIssue } from "./explain-unknown-key.ts";
import { explainWrongValue } from "./explain-value.ts";
import { exampleOf, renderInline } from "./example.ts";
import type { ExperimentIssue } from "./issue.ts";

/** One of several maps that are told apart by a key: `{ first: … }` or `{ random: … }`. */
interface MapChoice {
  readonly key: string;
  readonly expected: Expectation;
}

/**
 * Explains a map that is none of the maps allowed at its place, where each has a key of its own: the key is misspelt,
 * missing, given together with another one's, or has a value that it can't have.
 * @returns undefined if the place allows no such choice, or the value is no map
 */
export function explainMapChoice(place: Place): readonly (ExperimentIssue | UnknownKeyIssue)[] | undefined {
  const { value, expected = {} } = place;
  const choices = choicesByKey(expected);
  if (choices.length < 2 || typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const given = choices.filter(({ key }) => Object.hasOwn(value, key));
  const [first, second] = given;
  if (first && second) return [severalGiven(place, [first.key, second.key], choices)];
  if (first) return [wrongFixedValue(place, first)];
  const known = fieldsOf(expected);
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length > 0) return unknown.map((key) => explainUnknownKey(place, key));
  return [noneGiven(place, choices)];
}

function choicesByKey(expected: Expectation): readonly MapChoice[] {
  const maps = alternativesOf(expected).filter((alternative) => kindOf(alternative) === "object");
  return maps.flatMap((map) => {
    const others = maps.filter((other) => other !== map);
    const key = map.required?.find((key) => others.every(({ properties = {} }) => !Object.hasOwn(properties, key)));
    return key === undefined ? [] : [{ key, expected: map }];
  });
}

function severalGiven(
  { path }: Place,
  [first, second]: readonly [string, string],
  choices: readonly MapChoice[],
): ExperimentIssue {
  return {
    code: "conflicting-fields",
    path: [...path, second],
    message: `got \`${first}\` and \`${second}\`, expected only one of ${listKeys(choices)}`,
    fix: `remove \`${second}\`, or remove \`${first}\`${typeof path.at(-1) === "number" ? "; list entries of their own may hold both" : ""}`,
  };
}

function wrongFixedValue({ path, value }: Place, { key, expected }: MapChoice): ExperimentIssue {
  const field = expected.properties?.[key];
  const given: unknown = Object.getOwnPropertyDescriptor(Object(value), key)?.value;
  return explainWrongValue({ path: [...path, key], value: given, expected: typeof field === "object" ? field : {} });
}

function noneGiven({ path }: Place, choices: readonly MapChoice[]): ExperimentIssue {
  const example = choices[0] ? exampleOf(choices[0].expected) : {};
  return {
    code: "missing-key",
    path,
    message: `missing, expected one of ${listKeys(choices)}`,
    fix: `write e.g. \`${renderInline(example)}\``,
  };
}

function listKeys(choices: readonly MapChoice[]): string {
  return choices.map(({ key }) => `\`${key}\``).join(", ");
}
