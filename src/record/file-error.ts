import { StoreError } from "./store-error.ts";

/** The error code that Node.js gives a failed system call, e.g. `ENOENT`; undefined for other errors. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether an error is a failed system call with one of these codes. */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return codes.includes(errorCode(error) ?? "");
}

const explanations: Readonly<Record<string, { readonly cause: string; readonly fix: string }>> = {
  ENOSPC: { cause: "the disk is full", fix: "free some space, or use a store on another disk; then run again" },
  EDQUOT: {
    cause: "the disk quota is used up",
    fix: "delete something, or use a store on another disk; then run again",
  },
  EACCES: { cause: "permission was denied", fix: "give this user access to the folder, or use another store" },
  EPERM: { cause: "the operation is not permitted", fix: "give this user access to the folder, or use another store" },
  EROFS: { cause: "the file system is read-only", fix: "use a store in a folder that can be written" },
  ENOTDIR: { cause: "a file stands where a folder is needed", fix: "move that file away, or use another store" },
  EEXIST: { cause: "a file stands where a folder is needed", fix: "move that file away, or use another store" },
  EISDIR: { cause: "a folder stands where a file is needed", fix: "move that folder away, or use another store" },
  ENOTEMPTY: { cause: "a folder stands where a file is needed", fix: "move that folder away, or use another store" },
  ENAMETOOLONG: { cause: "the path is too long", fix: "use a store in a folder with a shorter path" },
  EMFILE: { cause: "too many files are open", fix: "raise the limit (ulimit -n), or use fewer workers" },
  ENFILE: { cause: "too many files are open on this machine", fix: "close other programs, or use fewer workers" },
  EIO: { cause: "the disk reported an error", fix: "check the disk, or use a store on another one" },
  EXDEV: {
    cause: "the store's folders are on different file systems",
    fix: "use a store that is on one file system, without links or mounts inside it",
  },
  ENOLINK: {
    cause: "the file system has no hard links, which make sure that only one process finishes a trial",
    fix: "use a store on the machine's own disk",
  },
};

/** What a file store was about to do. */
export interface FileOperation {
  readonly verb: "read" | "write" | "list" | "delete";
  readonly key: string;
  readonly path: string;
}

/**
 * Says in plain words why a file operation failed.
 * @param error what the system call threw
 */
export function fileError(operation: FileOperation, error: unknown): StoreError {
  const code = errorCode(error);
  const { cause, fix } = explanations[code ?? ""] ?? {
    cause: error instanceof Error ? error.message : String(error),
    fix: "check the store's folder, or use another store",
  };
  const problem = `can't ${operation.verb} ${operation.key || "the store"} (${operation.path}): ${cause}`;
  return new StoreError(
    operation.key,
    { problem: code === undefined ? problem : `${problem} (${code})`, fix },
    { cause: error },
  );
}
