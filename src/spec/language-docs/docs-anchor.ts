import { alternativesOf, meantAlternative, placeOfExperiment, type Expectation, type Place } from "../expectation.ts";
import type { DocumentPath, ExperimentIssue } from "../issue.ts";
import { readAtPath } from "../sweep-path.ts";
import { joinAnchor } from "./anchor.ts";
import { documentLanguage, isOneKeyEach, labelOf, mapsOf, type DocumentedLanguage } from "./language-maps.ts";

/** The documentation of the language, in the repository and in the package. */
const docsFile = "docs/language.md";

/** Anchor of the list of sections. */
export const anchorOfFile = "the-file";

let documented: DocumentedLanguage | undefined;

/** The language as `docs/language.md` shows it. Made on first use: only experiments with mistakes pay for it. */
export function documentedLanguage(): DocumentedLanguage {
  documented ??= documentLanguage(placeOfExperiment({}).expected ?? {});
  return documented;
}

/**
 * Where `docs/language.md` tells of a field: `training-optimizer-adam-learningrate`.
 * @param path from the top of the document, at or below `from`; which alternative is meant is told by the value there
 * @returns the anchor of the field, else of the nearest thing around it that is documented
 */
export function docsAnchor(from: Place, path: DocumentPath): string {
  let { expected, value } = from;
  let anchor = from.path.reduce<string>((above, part) => joinAnchor(above, String(part)), "");
  for (const part of path.slice(from.path.length)) {
    const step = expected && stepInto(expected, value, part, anchor);
    if (step === undefined) break;
    ({ expected, anchor } = step);
    value = readAtPath(value, [part]);
  }
  return anchor === "" ? anchorOfFile : anchor;
}

/** An issue with where the documentation tells of its place. */
export function withDocs(issue: ExperimentIssue, from: Place): ExperimentIssue {
  return { ...issue, docs: `${docsFile}#${docsAnchor(from, issue.path)}` };
}

interface Step {
  readonly expected: Expectation;
  readonly anchor: string;
}

function stepInto(expected: Expectation, value: unknown, part: string | number, anchor: string): Step | undefined {
  const inside = innerAt(expected, part);
  if (inside !== undefined) return { expected: inside, anchor };
  const maps = mapsOf(expected);
  const [only, ...others] = maps.filter((map) => Object.hasOwn(map.properties ?? {}, part));
  const meant = meantAlternative(expected, value);
  const map = others.length === 0 ? only : maps.find((candidate) => candidate === meant);
  const field = map?.properties?.[part];
  if (map === undefined || typeof field !== "object") return undefined;
  const base = documentedLanguage().anchorOfFields(expected) ?? anchor;
  const label = isOneKeyEach(maps) ? undefined : labelOf(map, maps);
  return { expected: field, anchor: joinAnchor(label === undefined ? base : joinAnchor(base, label), String(part)) };
}

/** What is allowed as an entry of a list, or under any key of a map. */
function innerAt(expected: Expectation, part: string | number): Expectation | undefined {
  for (const { items, prefixItems, additionalProperties } of alternativesOf(expected)) {
    const inner = typeof part === "number" ? (prefixItems?.[part] ?? items) : additionalProperties;
    if (typeof inner === "object" && !Array.isArray(inner)) return inner;
  }
  return undefined;
}
