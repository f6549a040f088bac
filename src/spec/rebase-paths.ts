import path from "node:path";
import type { YamlValue } from "./schema/yaml-value.ts";
import { isYamlMap } from "./merge-documents.ts";

/** Fields whose values are paths relative to the file that they are written in. */
const pathFields: readonly string[] = ["folder", "file"];

/**
 * Rewrites the relative paths of a base file so that they mean the same from the folder of the file that extends it;
 * also where such a field is swept.
 */
export function rebasePaths(value: YamlValue, fromFolder: string, toFolder: string): YamlValue {
  return path.relative(fromFolder, toFolder) === "" ? value : rebase(value, false);

  function rebase(part: YamlValue, isPath: boolean): YamlValue {
    if (typeof part === "string") return isPath ? rebaseText(part) : part;
    if (Array.isArray(part)) return part.map((entry) => rebase(entry, isPath));
    if (!isYamlMap(part)) return part;
    const entries = Object.entries(part).map(([key, entry]) => [key, rebase(entry, isPathField(key, isPath))] as const);
    return Object.fromEntries(entries);
  }

  function rebaseText(text: string): string {
    if (path.isAbsolute(text) || text.includes("://")) return text;
    return path.relative(toFolder, path.resolve(fromFolder, text)).replaceAll(path.sep, "/") || ".";
  }
}

/** `folder`, a swept `data.dataset.folder`, and the `choice` that such a field is drawn from. */
function isPathField(key: string, isInPathField: boolean): boolean {
  return pathFields.includes(key.split(".").at(-1) ?? "") || (isInPathField && key === "choice");
}
