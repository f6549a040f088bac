import { StoreError } from "./store-error.ts";

/** First part of keys that no object may have: where a file store writes aside. */
export const reservedPart = ".tmp";

/** Limits that hold in a bucket (whole key) and on common file systems (each part), in UTF-8 bytes. */
const maxKeyBytes = 1024;
const maxPartBytes = 255;

/**
 * Refuses keys that could not be used in every kind of store.
 * @throws StoreError if the key is empty, absolute, too long, or has a part that is empty, `.`, `..` or not portable
 */
export function checkKey(key: string): void {
  const problem = keyProblem(key);
  if (problem !== undefined) throw invalidKey("key", key, problem);
}

/**
 * Refuses prefixes that no key can start with. The last part may be unfinished or empty: `trials/ab`, `trials/`, ``.
 * @throws StoreError as `checkKey` does
 */
export function checkPrefix(prefix: string): void {
  const slash = prefix.lastIndexOf("/");
  const problem = slash === -1 ? undefined : keyProblem(prefix.slice(0, slash));
  if (problem !== undefined) throw invalidKey("prefix", prefix, problem);
  if (/[\\\0]/.test(prefix)) throw invalidKey("prefix", prefix, "it has a backslash or a NUL character");
}

/**
 * Refuses prefixes that don't end where a folder does.
 * @throws StoreError as `checkPrefix` does, or if the prefix is neither empty nor ends in `/`
 */
export function checkFolderPrefix(prefix: string): void {
  checkPrefix(prefix);
  if (prefix !== "" && !prefix.endsWith("/")) throw invalidKey("prefix", prefix, "it doesn't end in /");
}

function keyProblem(key: string): string | undefined {
  if (key === "") return "it is empty";
  if (key.startsWith("/")) return "it starts with /";
  if (key.includes("\\")) return "it has a backslash";
  if (key.includes("\0")) return "it has a NUL character";
  if (/\p{Surrogate}/u.test(key)) return "it is not well-formed Unicode";
  if (Buffer.byteLength(key) > maxKeyBytes) return `it is longer than ${maxKeyBytes} bytes`;
  const parts = key.split("/");
  if (parts[0] === reservedPart) return `${reservedPart} is where the store writes aside`;
  if (parts.includes("")) return "it has an empty part";
  if (parts.includes(".") || parts.includes("..")) return "it has a part . or ..";
  if (parts.some((part) => Buffer.byteLength(part) > maxPartBytes))
    return `a part is longer than ${maxPartBytes} bytes`;
  return undefined;
}

function invalidKey(what: string, key: string, problem: string): StoreError {
  return new StoreError(key, {
    problem: `${JSON.stringify(key)} can't be used as the ${what} of an object: ${problem}`,
    fix: "join non-empty names by /, e.g. experiments/mnist/runs/20261122T101530Z-k7qd/plan.json",
  });
}
