import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collectProvenance, type OwnFacts } from "../../../src/orchestrate/provenance/collect-provenance.ts";
import { describeProject } from "../../../src/orchestrate/provenance/describe-project.ts";
import { MemoryStore } from "../../../src/record/memory-store.ts";
import { loadProvenances, writeProvenance } from "../../../src/record/provenance.ts";
import { sha256Of } from "../../../src/record/sha256-of.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-provenance-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function git(...words: string[]): string {
  const identity = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", ["-C", folder, ...identity, ...words], { encoding: "utf8" }).trim();
}

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

function commitAll(): string {
  git("add", "-A");
  git("commit", "-q", "-m", "all");
  return git("rev-parse", "HEAD");
}

const own = (command: readonly string[] = ["nightsweep", "run", "a.yaml"]): OwnFacts => ({
  version: "0.1.0",
  resultsVersion: 1,
  packageFolder: "/somewhere/node_modules/nightsweep",
  command,
  workingFolder: folder,
  libraries: { zod: "4.6.7" },
});

describe("the state of a project", () => {
  beforeEach(() => {
    git("init", "-q");
    write("experiments/a.yaml", "name: a\n");
    write(".env", "PASSWORD=old\n");
  });

  test("is the commit, and nothing more if no tracked file was changed", async () => {
    const commit = commitAll();
    write("notes.txt", "not tracked");

    const described = await describeProject(path.join(folder, "experiments"));

    expect(described).toEqual({ project: { commit, isDirty: false } });
  });

  test("has what was changed in tracked files, anywhere in the repository, but not in files that may hold passwords", async () => {
    write("code.py", "print(1)\n");
    commitAll();
    write("code.py", "print(2)\n");
    write(".env", "PASSWORD=hunter2\n");
    write("untracked.txt", "private\n");

    const described = await describeProject(path.join(folder, "experiments"));
    const patch = new TextDecoder().decode(described?.patch);

    expect(described?.project).toMatchObject({ isDirty: true, patch: { bytes: patch.length } });
    expect(patch).toContain("+print(2)");
    expect(patch).not.toContain("hunter2");
    expect(patch).not.toContain("private");
    git("checkout", "-q", "code.py");
    execFileSync("git", ["-C", folder, "apply"], { input: described?.patch ?? "" });
    expect(git("diff", "code.py")).toContain("+print(2)");
  });

  test("tells of changes that are too large to keep", async () => {
    write("large.txt", "a\n");
    const commit = commitAll();
    write("large.txt", "b\n".repeat(2000));

    const described = await describeProject(folder, { maxBytes: 1000 });

    expect(described).toEqual({
      project: { commit, isDirty: true, patch: { omitted: "it is larger than 1000 bytes" } },
    });
  });

  test("names the origin without its password", async () => {
    commitAll();
    git("remote", "add", "origin", "https://me:ghp_secret@example.org/me/project.git");

    const described = await describeProject(folder);

    expect(described?.project.origin).toBe("https://***@example.org/me/project.git");
  });

  test("is not there where there is no commit", async () => {
    expect(await describeProject(folder)).toBeUndefined();
  });
});

describe("the provenance of trials", () => {
  test("names the experiment file, the nearest lock file and the command, without passwords", async () => {
    write("experiments/a.yaml", "name: a\n");
    write("package-lock.json", "{}\n");
    const command = ["nightsweep", "run", "a.yaml", "--store", "s3://b/p?endpoint=https://u:pw@host&secretKey=abc"];

    const { document } = await collectProvenance(path.join(folder, "experiments/a.yaml"), own(command));

    expect(document.experimentFile.sha256).toBe(sha256Of(Buffer.from("name: a\n")));
    expect(document.lockFile).toEqual({
      name: path.join(folder, "package-lock.json"),
      sha256: sha256Of(Buffer.from("{}\n")),
    });
    expect(document.command.at(-1)).toBe("s3://b/p?endpoint=https://***@host&secretKey=***");
    expect(document.runtime["node"]).toBe(process.versions.node);
  });

  test("is kept once for all commands that came from the same place", async () => {
    const store = new MemoryStore();
    const patch = Buffer.from("a patch");
    const { document } = await collectProvenance(path.join(folder, "a.yaml"), own());

    const first = await writeProvenance(store, "run", { document, patch });
    const again = await writeProvenance(store, "run", { document, patch });
    const other = await writeProvenance(store, "run", { document: { ...document, command: ["other"] } });

    expect(again).toBe(first);
    expect([...(await loadProvenances(store, "run")).keys()].sort()).toEqual([first, other].sort());
    expect(Buffer.from((await store.get(`run/provenance/${sha256Of(patch)}.patch`)) ?? [])).toEqual(patch);
  });
});
