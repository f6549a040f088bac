import { Composer, LineCounter, Parser, type CST, type Document } from "yaml";
import { buildDocument, documentLimits } from "./build-document.ts";
import type { ExperimentIssue, SourcePosition } from "./issue.ts";
import type { YamlValue } from "./schema/experiment.ts";
import type { SourceEntry } from "./source-map.ts";
import { findUnclosed, walkTokens } from "./walk-tokens.ts";
import { explainYamlError } from "./yaml-problem.ts";

/** A document as a plain value, and where its parts are written. */
export interface YamlContent {
  readonly value: YamlValue;
  readonly root: SourceEntry;
}

/** What could be read of a YAML text: a value, unless it is absent because of the issues. */
export interface YamlReading {
  readonly content?: YamlContent;
  readonly issues: readonly ExperimentIssue[];
}

/** An experiment file is refused above this size. */
export const maxFileBytes = 1024 * 1024;

type PositionOf = (offset: number) => SourcePosition;

/**
 * Reads a text as one YAML 1.2 document, aliases and merge keys resolved.
 * @param file name of the file as it is shown in messages
 */
export function readYaml(text: string, file: string): YamlReading {
  if (text.length > maxFileBytes) return { issues: [tooLarge(file)] };
  const withoutMark = text.replace(/^\uFEFF/, "");
  const lineCounter = new LineCounter();
  const positionOf: PositionOf = (offset) => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tokens = [...new Parser(lineCounter.addNewLine).parse(withoutMark)];
  const structural = findStructuralIssue(tokens, positionOf);
  if (structural) return { issues: [structural] };
  // Keys are compared by buildDocument: the library's own check takes quadratic time.
  const options = { uniqueKeys: false, stringKeys: true, resolveKnownTags: false, lineCounter } as const;
  const [document] = new Composer(options).compose(tokens, true, withoutMark.length);
  const errors = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  if (errors.length > 0) return { issues: explainErrors(errors, tokens, positionOf) };
  if (!document?.contents || isNothing(document.contents)) return { issues: [emptyFile(file)] };
  const source = { file, content: withoutMark, positionOf };
  const { value, root, issues, isUsable } = buildDocument(document.contents, source);
  return isUsable ? { content: { value, root }, issues } : { issues };
}

/** One slip makes the parser stumble several times: what follows on the same line, or in open brackets, is left out. */
function explainErrors(
  errors: readonly Document["errors"][number][],
  tokens: readonly CST.Token[],
  positionOf: PositionOf,
): readonly ExperimentIssue[] {
  const unclosed = findUnclosed(tokens);
  const byLine = new Map<number, ExperimentIssue>();
  for (const error of errors) {
    const position = positionOf(error.pos[0]);
    if (unclosed && error.pos[0] >= unclosed.offset) continue;
    const { line, column } = positionOf(error.pos[1]);
    const issue = { ...explainYamlError(error), path: [], position, end: { line, column } };
    if (!byLine.has(position.line)) byLine.set(position.line, issue);
  }
  const issues = [...byLine.values()];
  if (!unclosed) return issues;
  const { offset, opening, closing } = unclosed;
  const issue = yamlIssue("yaml-syntax", `this ${opening} is never closed`, `add the missing ${closing}`);
  return [...issues, { ...issue, position: positionOf(offset) }];
}

/** What makes it useless or dangerous to compose the tokens: directives, a second document, too deep nesting. */
function findStructuralIssue(tokens: readonly CST.Token[], positionOf: PositionOf): ExperimentIssue | undefined {
  const directive = tokens.find(({ type }) => type === "directive");
  if (directive) {
    const issue = yamlIssue("yaml-syntax", "a line that starts with % is not used here", "remove the line");
    return { ...issue, position: positionOf(directive.offset) };
  }
  const [, second] = tokens.filter(({ type }) => type === "document");
  if (second) {
    const fix = "write one experiment a file; remove `---` and what follows";
    const issue = yamlIssue("yaml-multiple-documents", "a second document starts here", fix);
    return { ...issue, position: positionOf(second.offset) };
  }
  for (const { token, depth } of walkTokens(tokens)) {
    if (depth <= documentLimits.depth) continue;
    const message = `lists and maps nest deeper than ${documentLimits.depth} levels`;
    const issue = yamlIssue("yaml-too-deep", message, "nest less deeply; check for brackets that are never closed");
    return { ...issue, position: positionOf(token.offset) };
  }
  return undefined;
}

function yamlIssue(code: string, message: string, fix: string): ExperimentIssue {
  return { code, path: [], message, fix };
}

function isNothing(contents: Document.Parsed["contents"]): boolean {
  return contents !== null && "value" in contents && contents.value === null;
}

function emptyFile(file: string): ExperimentIssue {
  const fix = "write `name`, `data`, `model` and `training`; `nightsweep init` writes a commented starter";
  const issue = yamlIssue("empty-file", "the file is empty, expected an experiment", fix);
  return { ...issue, position: { file, line: 1, column: 1 } };
}

function tooLarge(file: string): ExperimentIssue {
  const message = `the file is larger than ${maxFileBytes / 1024 / 1024} MiB, expected a short experiment`;
  const issue = yamlIssue("file-too-large", message, "check that this is the right file");
  return { ...issue, position: { file, line: 1, column: 1 } };
}
