import { formatPath, formatPosition, type ExperimentIssue } from "./issue.ts";

/**
 * Writes an issue for people: where it stands, what is wrong, how to mend it. Three lines without a line end; for a key
 * that is unknown a fourth one, where to read what may stand there.
 *
 *     mnist-cnn.yaml:14:9  sweep.grid.training.optimizer.learningRate[1]
 *       got "fast" (string), expected a number > 0
 *       fix: list numbers, e.g. [0.001, 0.01]
 */
export function renderIssue({ code, position, path, message, fix, docs }: ExperimentIssue): string {
  const place = position ? [formatPosition(position)] : [];
  const header = [...place, ...(path.length > 0 ? [formatPath(path)] : [])].join("  ") || "experiment";
  const reading = docs !== undefined && code.startsWith("unknown-") ? [`  docs: ${docs}`] : [];
  return [header, `  ${message}`, `  fix: ${fix}`, ...reading].map(showControlCharacters).join("\n");
}

/** Keys and values come from a file that somebody else may have written: they must not steer the terminal. */
function showControlCharacters(line: string): string {
  return line.replaceAll(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
