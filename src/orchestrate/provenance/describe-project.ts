import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProjectState } from "../../record/provenance.ts";
import { sha256Of } from "../../record/sha256-of.ts";
import { hidePasswords } from "./hide-passwords.ts";

const run = promisify(execFile);

/** Larger changes than this are told of, not kept. */
const maxPatchBytes = 1024 * 1024;
const timeoutMs = 10_000;
/** Tracked files that often hold passwords: what was changed in them is nobody's business. */
const excluded = ["**/.env*", "**/*.pem", "**/*.key", "**/*credentials*", "**/*secret*", "**/id_*", "**/.npmrc"];

/** The state of a git repository, and how its tracked files differ from the commit. */
export interface DescribedProject {
  readonly project: ProjectState;
  readonly patch?: Uint8Array;
}

/**
 * The git repository that a folder is in: its commit, and what was changed in tracked files since. Files that git
 * doesn't track are never looked at.
 * @returns undefined if there is no git, no repository or no commit
 */
export async function describeProject(
  folder: string,
  { maxBytes = maxPatchBytes }: { readonly maxBytes?: number } = {},
): Promise<DescribedProject | undefined> {
  const commit = await git(folder, ["rev-parse", "--verify", "HEAD"]);
  if (commit === undefined) return undefined;
  const [origin, changed] = await Promise.all([
    git(folder, ["config", "--get", "remote.origin.url"]),
    git(folder, ["diff", ...plainDiff, "--name-only", "HEAD"]),
  ]);
  const facts = {
    commit: commit.toString("utf8").trim(),
    ...(origin !== undefined && { origin: hidePasswords(origin.toString("utf8").trim()) }),
  };
  if (changed?.length === 0) return { project: { ...facts, isDirty: false } };
  const patch = await diff(folder, maxBytes);
  if (patch === undefined) {
    return { project: { ...facts, isDirty: true, patch: { omitted: `it is larger than ${maxBytes} bytes` } } };
  }
  if (patch.length === 0) {
    return { project: { ...facts, isDirty: true, patch: { omitted: "only files that may hold passwords changed" } } };
  }
  return { project: { ...facts, isDirty: true, patch: { sha256: sha256Of(patch), bytes: patch.length } }, patch };
}

/** Neither programs of the user nor colours nor the user's prefixes get into it. */
const plainDiff = ["--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/"];

/** @returns undefined if it is larger than allowed, or git can't make it */
function diff(folder: string, maxBytes: number): Promise<Buffer | undefined> {
  const paths = [":/", ...excluded.map((pattern) => `:(top,exclude,glob,icase)${pattern}`)];
  return git(folder, ["diff", ...plainDiff, "--binary", "HEAD", "--", ...paths], maxBytes);
}

async function git(folder: string, words: readonly string[], maxBuffer = maxPatchBytes): Promise<Buffer | undefined> {
  try {
    const { stdout } = await run("git", ["-C", folder, "-c", "core.fsmonitor=false", ...words], {
      encoding: "buffer",
      maxBuffer,
      timeout: timeoutMs,
      // Reading must not wait for, or disturb, somebody who works in the repository.
      env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" },
    });
    return stdout;
  } catch {
    return undefined;
  }
}
