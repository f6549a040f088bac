import { type ExperimentIssue, type SourcePosition } from "./issue.ts";
import type { SourceMap } from "./source-map.ts";

/**
 * Fills in where the issues stand, in the order of the file. Issues about a key (`unknown-…`, `missing-…`, `…-path`)
 * stand at the last key of their path, all others at the value. What is told once about one place is not told again: a value that
 * is used through several aliases, or under several configurations, gives one issue.
 */
export function locateIssues(issues: readonly ExperimentIssue[], source: SourceMap): ExperimentIssue[] {
  const located = issues.map((issue) => ({ ...issue, position: issue.position ?? positionOf(issue, source) }));
  const first = new Map<string, ExperimentIssue & { readonly position: SourcePosition }>();
  for (const issue of located) {
    const key = identityOf(issue);
    if (!first.has(key)) first.set(key, issue);
  }
  return [...first.values()].sort((a, b) => comparePositions(a.position, b.position));
}

function positionOf({ code, path }: ExperimentIssue, source: SourceMap): SourcePosition {
  return isAboutKey(code) ? source.locateKey(path) : source.locate(path);
}

function isAboutKey(code: string): boolean {
  return code.startsWith("unknown-") || code.startsWith("missing-") || code.endsWith("-path");
}

/** The last part of the path belongs to it: two missing fields of one map stand at the same place. */
function identityOf({ code, path, message, position }: ExperimentIssue): string {
  return JSON.stringify([position?.line, position?.column, code, path.at(-1), message]);
}

function comparePositions(a: SourcePosition, b: SourcePosition): number {
  return a.line - b.line || a.column - b.column;
}
