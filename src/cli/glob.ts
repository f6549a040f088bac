import path from "node:path";

/** Whether a command-line argument is a pattern instead of a path. */
export function isGlob(text: string): boolean {
  return /[*?{]/.test(text);
}

/** The folder above a pattern's first part that is not plain text. */
export function globFolder(pattern: string): string {
  const parts = pattern.split("/");
  const first = parts.findIndex(isGlob);
  return parts.slice(0, first).join("/") || (pattern.startsWith("/") ? "/" : ".");
}

/**
 * Makes the test for paths that a pattern means: `*` and `?` stand for characters of one name, `**` for folders,
 * `{a,b}` for either text. Names that start with a dot have to be written.
 */
export function matchGlob(pattern: string): (file: string) => boolean {
  const expression = new RegExp(`^${translate(path.posix.normalize(pattern))}$`, "u");
  return (file) => expression.test(path.posix.normalize(file.replaceAll(path.sep, "/")));
}

function translate(pattern: string): string {
  const token = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{/gu;
  return [...pattern.matchAll(token)].map(([text]) => translateToken(text)).join("");
}

function translateToken(text: string): string {
  if (text === "**/") return "(?:[^/.][^/]*/)*";
  if (text === "**") return ".*";
  if (text === "*") return "(?!\\.)[^/]*";
  if (text === "?") return "[^/]";
  if (/^\{.*\}$/.test(text)) return `(?:${text.slice(1, -1).split(",").map(translate).join("|")})`;
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
