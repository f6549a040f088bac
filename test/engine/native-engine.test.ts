import { createHash } from "node:crypto";
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { installNativeEngine } from "../../src/engine/install-native.ts";
import { findNativeEngine, nativeFolder } from "../../src/engine/native-folder.ts";
import { nativeFlavours, nativeRelease, requirementLines } from "../../src/engine/native-release.ts";
import { findNativeTools, type Machine } from "../../src/engine/native-requirements.ts";

let home = "";
beforeEach(() => {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-engine-"));
  home = folder;
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function pretendInstalled(wheelSha256: string = nativeFlavours.cpu.wheel.sha256): void {
  const folder = nativeFolder({ NIGHTSWEEP_ENGINE_HOME: home });
  mkdirSync(folder.bridge, { recursive: true });
  writeFileSync(folder.addon, "");
  writeFileSync(folder.operations, "");
  writeFileSync(folder.stamp, JSON.stringify({ schemaVersion: 1, wheelSha256 }));
}

/** A program that says its version and knows nothing else, such as pip. */
function pretendTool(name: string, lines: string): string {
  const file = path.join(home, name);
  writeFileSync(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return file;
}

function toolOf(value: string | undefined): string | undefined {
  return value === "python without pip" ? pretendTool("python", '[ "$1" = --version ]') : value;
}

/** A machine that has all that it takes. */
function machine(): Machine {
  const tool = pretendTool("tool", "echo tool 1.0");
  return {
    platform: "linux-x64",
    nodeVersion: "22.1.0",
    glibcVersion: "2.36",
    variables: { PYTHON: tool, CXX: tool, NPM: tool },
    folder: home,
    diskBytes: 1,
  };
}

describe("the native engine", () => {
  test("lies in the user's cache folder unless another one is named", () => {
    const { path: found } = nativeFolder({ XDG_CACHE_HOME: "/cache" });

    expect(found).toBe("/cache/nightsweep/engine/tensorflow-cpu-2.21.0-bridge-4.22.0-linux-x64");
    expect(nativeFolder({ NIGHTSWEEP_ENGINE_HOME: "/else" }).path.startsWith("/else/tensorflow-cpu")).toBe(true);
    expect(nativeFolder({ XDG_CACHE_HOME: "" }).path).toBe(nativeFolder({}).path);
    expect(nativeFolder({ XDG_CACHE_HOME: "here" }).path).toBe(nativeFolder({}).path);
  });

  test("is not there before it is installed, and the reason says how to", () => {
    const found = findNativeEngine({ NIGHTSWEEP_ENGINE_HOME: home });

    expect(found).toMatchObject({
      isInstalled: false,
      reason: "it is not installed (`nightsweep engine install` does it)",
    });
  });

  test("counts as damaged if it was made from another wheel", () => {
    pretendInstalled("0000");

    expect(findNativeEngine({ NIGHTSWEEP_ENGINE_HOME: home })).toMatchObject({
      isInstalled: false,
      reason: expect.stringContaining("is damaged"),
    });
  });

  test("has a new revision with every change of our own operations", () => {
    const folder = new URL("../../src/engine/operations/", import.meta.url);
    const hash = createHash("sha256");
    for (const name of readdirSync(folder).toSorted()) hash.update(name).update(readFileSync(new URL(name, folder)));

    // Another hash: raise `operationsRevision`, so that engines are made anew and checkpoints tell them apart.
    expect([nativeRelease.operationsRevision, hash.digest("hex").slice(0, 16)]).toEqual([2, "c2a681378a72dabb"]);
  });

  test("is not made again if it is there", async () => {
    pretendInstalled();

    const outcome = await installNativeEngine({
      variables: { NIGHTSWEEP_ENGINE_HOME: home, PYTHON: "no-python" },
      flavour: "cpu",
      again: false,
      now: () => new Date(0),
      log: () => undefined,
      selfTest: () => Promise.resolve("must not be called"),
    });

    expect(outcome.type).toBe("present");
  });

  test("names every missing piece at once, each with its remedy", () => {
    const found = findNativeTools({
      ...machine(),
      platform: "darwin-arm64",
      nodeVersion: "18.20.4",
      variables: { PYTHON: "no-such-python", CXX: "no-such-compiler", NPM: "no-such-npm" },
      diskBytes: Number.MAX_SAFE_INTEGER,
    });

    if (!("missing" in found)) throw new Error("nothing is missing");
    expect(found.missing.map(({ piece }) => piece)).toEqual([
      "platform",
      "Node.js",
      "disk space",
      "C++ compiler",
      "Python",
      "npm",
    ]);
    for (const { fix } of found.missing) expect(fix.length).toBeGreaterThan(20);
  });

  test.each<[piece: string, change: Partial<Machine>, problem: RegExp, fix: RegExp]>([
    ["platform", { platform: "linux-arm64" }, /made for linux-x64, this is linux-arm64/, /the engine wasm/],
    ["C library", { glibcVersion: "2.17" }, /needs glibc 2\.27 or newer, this is 2\.17/, /newer Linux/],
    ["C library", { glibcVersion: undefined }, /this machine has another C library/, /not Alpine/],
    ["Node.js", { nodeVersion: "20.18.3" }, /needs Node\.js 20\.19\.0 or newer, this is 20\.18\.3/, /nodejs\.org/],
    ["disk space", { diskBytes: 2 ** 60 }, /has [\d.]+ GB free, it takes [\d.]+ GB/, /NIGHTSWEEP_ENGINE_HOME/],
    ["C++ compiler", { variables: { CXX: "no-such" } }, /no-such does not run/, /apt-get install g\+\+/],
    ["Python", { variables: { PYTHON: "no-such" } }, /no-such does not run/, /apt-get install python3/],
    [
      "pip",
      { variables: { PYTHON: "python without pip" } },
      /has no pip, which fetches/,
      /apt-get install python3-pip/,
    ],
    ["npm", { variables: { NPM: "no-such" } }, /no-such does not run/, /nodejs\.org/],
  ])("names %s if it is what is missing", (piece, change, problem, fix) => {
    const names = Object.entries(change.variables ?? {}).map(([name, value]) => [name, toolOf(value)] as const);
    const variables = { ...machine().variables, ...Object.fromEntries(names) };

    const found = findNativeTools({ ...machine(), ...change, variables });

    expect(found).toEqual({
      missing: [{ piece, problem: expect.stringMatching(problem), fix: expect.stringMatching(fix) }],
    });
  });

  test("lacks nothing on a machine that has all", () => {
    expect(findNativeTools(machine())).toMatchObject({ tools: { compilerVersion: "tool 1.0" } });
  });

  test("lists what is missing instead of making anything", async () => {
    const outcome = await installNativeEngine({
      variables: { NIGHTSWEEP_ENGINE_HOME: home, PYTHON: "no-such-python", CXX: "no-such-compiler" },
      flavour: "cpu",
      again: false,
      now: () => new Date(0),
      log: () => undefined,
      selfTest: () => Promise.resolve("must not be called"),
    });

    expect(outcome).toMatchObject({
      type: "missing",
      missing: expect.arrayContaining([expect.objectContaining({ piece: "Python" })]),
    });
  });

  test("for GPUs lies beside that for CPUs, and is taken where both are installed", () => {
    pretendInstalled();
    const gpu = nativeFolder({ NIGHTSWEEP_ENGINE_HOME: home }, "gpu");
    mkdirSync(gpu.bridge, { recursive: true });
    writeFileSync(gpu.addon, "");
    writeFileSync(gpu.stamp, JSON.stringify({ schemaVersion: 1, wheelSha256: nativeFlavours.gpu.wheel.sha256 }));

    const found = findNativeEngine({ NIGHTSWEEP_ENGINE_HOME: home });

    expect(path.basename(gpu.path)).toBe("tensorflow-2.21.0-bridge-4.22.0-linux-x64");
    expect(found).toMatchObject({ isInstalled: true, folder: { flavour: "gpu" } });
  });

  test.each(["cpu", "gpu"] as const)("for the %s is fetched by exact versions and hashes only", (flavour) => {
    const lines = requirementLines(flavour).trimEnd().split("\n");

    expect(lines.every((line) => /^[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}$/.test(line))).toBe(true);
    expect(lines).toHaveLength(flavour === "gpu" ? 9 : 1);
  });
});
