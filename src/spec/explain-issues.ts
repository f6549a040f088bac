import type { z } from "zod";
import { describeGiven } from "./describe-expectation.ts";
import {
  alternativesOf,
  choicesOf,
  descend,
  fieldsOf,
  isAnyValue,
  isLayerEntry,
  marksOf,
  meantAlternative,
  meantChoice,
  type Place,
} from "./expectation.ts";
import { explainLayerEntry } from "./explain-layer-entry.ts";
import { explainMapChoice } from "./explain-map-choice.ts";
import { explainUnknownKey } from "./explain-unknown-key.ts";
import { explainMissing, explainWrongValue } from "./explain-value.ts";
import { withDocs } from "./language-docs/docs-anchor.ts";
import { relocateToWritten } from "./relocate-to-written.ts";
import { formatPath, type DocumentPath, type ExperimentIssue } from "./issue.ts";
import type { RuleParameters } from "./schema/rule.ts";

type SchemaIssue = z.core.$ZodIssue;

/** An issue with what is needed to leave out those that only follow from another one. */
interface Finding extends ExperimentIssue {
  /** The absent field that a misspelt key was meant to be. */
  readonly meantPath?: DocumentPath;
  /** Fields whose absence is the problem. */
  readonly absentPaths?: readonly DocumentPath[];
}

/**
 * Says in the words of the person's YAML what the schemas found.
 * @param issues what zod reports, with paths from `place`
 * @param place what was checked
 * @returns every mistake once; a missing field is left out if it is there but misspelt
 */
export function explainIssues(issues: readonly SchemaIssue[], place: Place): readonly ExperimentIssue[] {
  const findings = issues.flatMap((issue) => explain(issue, place));
  const misspelt = new Set(findings.flatMap(({ meantPath }) => (meantPath ? [formatPath(meantPath)] : [])));
  return findings
    .filter(({ absentPaths = [] }) => !absentPaths.some((path) => misspelt.has(formatPath(path))))
    .map(({ code, path, message, fix }) =>
      relocateToWritten(withDocs({ code, path, message, fix }, place), place.writtenModel),
    );
}

function explain(issue: SchemaIssue, from: Place): readonly Finding[] {
  const path = issue.path.filter(isPathPart);
  const place = descend(from, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return explainUnknownKeys(place, issue.keys);
    case "custom":
      return [explainRule(issue, place)];
    case "invalid_union":
      if (issue.discriminator !== undefined) return explainDiscriminator(descend(from, path.slice(0, -1)), place);
      return explainUnion(issue, place);
    case "invalid_type":
    case "invalid_value":
      return [missingOrWrong(place)];
    case "too_small":
    case "too_big":
    case "not_multiple_of":
      return [{ ...explainWrongValue(meantPlace(place)), code: "out-of-range" }];
    case "invalid_format":
      return [{ ...explainWrongValue(place), message: `got ${describeGiven(place.value)}, ${issue.message}` }];
    case "invalid_key":
    case "invalid_element":
      return issue.issues.flatMap((inner) => explain(inner, place));
    default:
      issue satisfies never;
      return [missingOrWrong(place)];
  }
}

/** Finds the alternative that was meant and tells what is wrong with the value as that alternative. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, place: Place): readonly Finding[] {
  const { expected, value } = place;
  if (value === undefined || expected === undefined) return [missingOrWrong(place)];
  if (isAnyValue(place)) return findNonFinite(place);
  const layer = isLayerEntry(place) ? explainLayerEntry(place) : undefined;
  if (layer) return [layer];
  const meant = issue.errors.length === choicesOf(expected)?.length ? meantChoice(expected, value) : undefined;
  const issues = meant === undefined ? undefined : issue.errors[meant];
  if (!issues) return explainMapChoice(place) ?? [missingOrWrong(place)];
  return issues.flatMap((inner) => explain(inner, place));
}

/** Which keys are known depends on a map's `type`: if that is misspelt itself, nothing is said about the others. */
function explainUnknownKeys(map: Place, keys: readonly string[]): readonly Finding[] {
  const findings = keys.map((key) => explainUnknownKey(map, key));
  const marks = alternativesOf(map.expected ?? {}).flatMap(marksOf);
  const misspeltMark = findings.find(({ meantPath }) => marks.some(({ key }) => key === meantPath?.at(-1)));
  return misspeltMark && marks.length > 1 ? [misspeltMark] : findings;
}

/** The field that chooses between maps is absent or has an unknown value. */
function explainDiscriminator(map: Place, field: Place): readonly Finding[] {
  if (field.value !== undefined || typeof map.value !== "object" || map.value === null) return [missingOrWrong(field)];
  const known = fieldsOf(map.expected ?? {});
  const unknown = Object.keys(map.value).filter((key) => !known.includes(key));
  return [missingOrWrong(field), ...explainUnknownKeys(map, unknown)];
}

function missingOrWrong(place: Place): Finding {
  if (place.value !== undefined) return explainWrongValue(place);
  return { ...explainMissing(place), absentPaths: [place.path] };
}

function explainRule({ message, params }: z.core.$ZodIssueCustom, { path }: Place): Finding {
  const {
    code,
    fix,
    absent = [],
  } = isRuleParameters(params) ? params : { code: "wrong-value", fix: "change the value" };
  return { code, path, message, fix, absentPaths: absent.map((field) => [...path, field]) };
}

function isRuleParameters(params: unknown): params is RuleParameters {
  return typeof params === "object" && params !== null && "code" in params && "fix" in params;
}

function meantPlace(place: Place): Place {
  const meant = place.expected && meantAlternative(place.expected, place.value);
  return meant ? { ...place, expected: meant } : place;
}

function findNonFinite(place: Place): readonly Finding[] {
  const { value } = place;
  if (typeof value === "number" && !Number.isFinite(value))
    return [explainWrongValue({ ...place, expected: { type: "number" } })];
  if (typeof value !== "object" || value === null) return [];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [...keys].flatMap((key) => findNonFinite(descend(place, [key])));
}

function isPathPart(part: PropertyKey): part is string | number {
  return typeof part !== "symbol";
}
