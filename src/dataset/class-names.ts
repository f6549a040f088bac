import { join } from "node:path";
import { type Checked, refuse } from "./checked.ts";
import { type DataFolder, readBytes } from "./data-folder.ts";

/**
 * Reads class names, one per line in the order of the class indices; blank lines at the end don't count.
 * @param options `classCount`: how many there must be; absent = any number
 * @returns the names; undefined if there is no such file; or the first thing that is wrong with it
 */
export async function loadClassNames(
  folder: DataFolder,
  fileName: string,
  options: { readonly classCount?: number } = {},
): Promise<Checked<readonly string[] | undefined>> {
  if (!folder.names.includes(fileName)) return { value: undefined };
  const path = join(folder.path, fileName);
  const bytes = await readBytes(path);
  if ("problems" in bytes) return bytes;

  const lines = Buffer.from(bytes.value).toString("utf8").trimEnd().split("\n");
  const classNames = lines.map((line) => line.trim());
  const message = checkNames(classNames, options.classCount);
  if (message === undefined) return { value: classNames };
  const fix = "write one name per line, each once, the first line for class 0";
  return refuse({ code: "wrong-class-names", file: path, message, fix });
}

function checkNames(classNames: readonly string[], classCount: number | undefined): string | undefined {
  const firstBad = classNames.findIndex((name, index) => name === "" || classNames.indexOf(name) !== index);
  if (firstBad !== -1) {
    const name = classNames[firstBad];
    return `line ${firstBad + 1} is ${name === "" ? "blank" : `"${name}" a second time`}`;
  }
  if (classCount === undefined || classNames.length === classCount) return undefined;
  return `it names ${classNames.length} classes, expected ${classCount}`;
}

/** Names for classes that nobody named: their numbers. */
export function numberedClasses(classCount: number): readonly string[] {
  return Array.from({ length: classCount }, (_, index) => String(index));
}
