import { type ExperimentIssue, type SourcePosition } from "./issue.ts";
import type { SourceMap } from "./source-map.ts";

/** An issue that has been located. */
type LocatedIssue = ExperimentIssue & { readonly position: SourcePosition };

/**
 * Fills in where the issues stand, in the order of the experiment's own file, then of its bases and flags. Issues about a key (`unknown-…`, `missing-…`, `…-path`)
 * stand at the last key of their path, all others at the value. What is told once about one place is not told again: a value that
 * is used through several aliases, or under several configurations, gives one issue.
 */
export function locateIssues(issues: readonly ExperimentIssue[], source: SourceMap): ExperimentIssue[] {
  const first = new Map<string, LocatedIssue>();
  for (const issue of issues) {
    const located = locate(issue, source);
    const key = identityOf(located);
    if (!first.has(key)) first.set(key, located);
  }
  const located = [...first.values()];
  const files = [...new Set([source.file, ...located.map(({ position }) => position.file)])];
  return located.sort(
    (a, b) =>
      files.indexOf(a.position.file) - files.indexOf(b.position.file) || comparePositions(a.position, b.position),
  );
}

function locate(issue: ExperimentIssue, source: SourceMap): LocatedIssue {
  const { code, path, position } = issue;
  if (position !== undefined) return { ...issue, position };
  const { start, end } = isAboutKey(code) ? source.rangeOfKey(path) : source.rangeOf(path);
  return { ...issue, position: start, end: { line: end.line, column: end.column } };
}

function isAboutKey(code: string): boolean {
  return code.startsWith("unknown-") || code.startsWith("missing-") || code.endsWith("-path");
}

/** The last part of the path belongs to it: two missing fields of one map stand at the same place. */
function identityOf({ code, path, message, position }: ExperimentIssue): string {
  return JSON.stringify([position?.file, position?.line, position?.column, code, path.at(-1), message]);
}

function comparePositions(a: SourcePosition, b: SourcePosition): number {
  return a.line - b.line || a.column - b.column;
}
