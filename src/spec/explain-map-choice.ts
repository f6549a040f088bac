import { alternativesOf, fieldsOf, kindOf, kindOfValue, marksOf, type Place } from "./expectation.ts";
import { explainUnknownKey } from "./explain-unknown-key.ts";
import type { ExperimentIssue } from "./issue.ts";

/**
 * Explains a map where one of several maps is expected that are told apart by their only key, as distributions are
 * (`{ uniform: [0, 1] }`).
 * @returns undefined if something else is expected or given
 */
export function explainMapChoice(place: Place): readonly ExperimentIssue[] | undefined {
  const { expected = {}, value, path } = place;
  if (kindOfValue(value) !== "object") return undefined;
  const maps = alternativesOf(expected).filter((alternative) => kindOf(alternative) === "object");
  if (maps.length < 2 || maps.some((map) => fieldsOf(map).length !== 1 || marksOf(map).length > 0)) return undefined;
  const known = fieldsOf({ anyOf: [...maps] });
  const given = Object.keys(Object(value));
  const unknown = given.filter((key) => !known.includes(key));
  if (unknown.length > 0) return unknown.map((key) => explainUnknownKey(place, key));
  const message = `got ${given.length === 0 ? "an empty map" : given.join(" and ")}, expected one of ${known.join(", ")}`;
  const fix = given.length === 0 ? "write one of these keys and its value" : "keep only one of them";
  return [{ code: "conflicting-fields", path, message, fix }];
}
