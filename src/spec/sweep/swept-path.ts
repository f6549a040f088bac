import { homesOf } from "../explain-unknown-key.ts";
import { formatPath, isAtOrBelow, type DocumentPath, type ExperimentIssue } from "../issue.ts";
import { nearestName } from "../nearest-name.ts";
import type { SectionName } from "../parse-section.ts";
import { configurationSections } from "../schema/experiment.ts";
import { parseSweepPath } from "../sweep-path.ts";
import type { SweepAxis } from "./sweep-space.ts";

/** A path into a section of a configuration, read from text. */
export interface SweptPath {
  readonly text: string;
  readonly path: DocumentPath;
  readonly section: SectionName;
}

const sectionNames: readonly string[] = Object.keys(configurationSections);

/**
 * Reads the path of a swept field, or of one that a condition looks at.
 * @param place where the path is written
 */
export function readSweptPath(text: string, place: DocumentPath): SweptPath | ExperimentIssue {
  const parsed = parseSweepPath(text);
  if ("problem" in parsed) return badPath(place, parsed.problem, "write a path as `training.optimizer.learningRate`");
  const { path } = parsed;
  const [section] = path;
  if (isSectionName(section)) return { text, path, section };
  const allowed = `a swept path starts with ${sectionNames.slice(0, -1).join(", ")} or ${sectionNames.at(-1)}`;
  return badPath(place, `got "${section}", but ${allowed}`, suggestPath(path));
}

/** The path with its section corrected, or the whole path of a field of this name. */
function suggestPath(path: DocumentPath): string {
  const section = nearestName(String(path[0]), sectionNames);
  if (section !== undefined) return `did you mean \`${formatPath([section, ...path.slice(1)])}\`?`;
  const home = homesOf(String(path.at(-1))).find(({ path: [first] }) => isSectionName(first));
  if (home === undefined) return "sweep a field of one of these sections";
  return `did you mean \`${formatPath([...home.path, home.field])}\`?`;
}

/** The issue of a path that can't be swept. */
export function badPath(place: DocumentPath, message: string, fix: string): ExperimentIssue {
  return { code: "bad-sweep-path", path: place, message, fix };
}

/** Whether two fields are the same, or one is inside the other. */
export function overlap(a: DocumentPath, b: DocumentPath): boolean {
  return isAtOrBelow(a, b) || isAtOrBelow(b, a);
}

/** The issue of a field that is swept although another axis sets it as well. */
export function shadowedPath(other: SweepAxis, swept: SweptPath, place: DocumentPath): ExperimentIssue {
  const [outer, inner] = other.path.length <= swept.path.length ? [other, swept] : [swept, other];
  return {
    code: "shadowed-path",
    path: place,
    message:
      outer.path.length === inner.path.length
        ? sameField(other, swept, place)
        : `"${inner.text}" is part of "${outer.text}", which is swept as well: one would overwrite the other`,
    fix: "sweep only one of them",
  };
}

/** Two spellings of one grid, or one field in two parts of a sweep that combine. */
function sameField(other: SweepAxis, swept: SweptPath, place: DocumentPath): string {
  const [otherPart, part] = [other.keyPlace.slice(0, -1), place.slice(0, -1)].map(formatPath);
  if (otherPart === part || other.text !== swept.text) return `"${swept.text}" and "${other.text}" are the same field`;
  return `"${swept.text}" is swept in \`${otherPart}\` as well: one would overwrite the other`;
}

function isSectionName(name: unknown): name is SectionName {
  return typeof name === "string" && sectionNames.includes(name);
}
