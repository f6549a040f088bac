import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { installNativeEngine } from "../../src/engine/install-native.ts";
import { findNativeEngine, nativeFolder } from "../../src/engine/native-folder.ts";
import { findNativePackage } from "../../src/engine/native-package.ts";

const cpu = "@tensorflow/tfjs-node";
const gpu = "@tensorflow/tfjs-node-gpu";

let project = "";
let own: { readonly NIGHTSWEEP_ENGINE_HOME: string };
beforeEach(() => {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-project-"));
  project = folder;
  own = { NIGHTSWEEP_ENGINE_HOME: path.join(folder, "own") };
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function pretendPackage(modules: string, name: string, version = "4.22.0", hasAddon = true): void {
  const root = path.join(modules, name);
  mkdirSync(path.join(root, "lib", "napi-v8"), { recursive: true });
  writeFileSync(path.join(root, "package.json"), JSON.stringify({ name, version }));
  if (hasAddon) writeFileSync(path.join(root, "lib", "napi-v8", "tfjs_binding.node"), "");
}

const modules = () => path.join(project, "node_modules");
const nobody = "/nowhere";

function install(options: { readonly flavour?: "cpu" | "gpu"; readonly again?: boolean }) {
  const variables = { ...own, PYTHON: "no-such-python", CXX: "no-such-compiler" };
  const selfTest = () => Promise.resolve("must not be called");
  const rest = { variables, from: project, now: () => new Date(0), log: () => undefined, selfTest };
  return installNativeEngine({ flavour: "cpu", again: false, ...options, ...rest });
}

test("a bridge of the project above the current folder is taken where our own engine is absent", () => {
  pretendPackage(modules(), cpu);
  const below = path.join(project, "experiments", "today");
  mkdirSync(below, { recursive: true });

  const found = findNativeEngine(own, below);

  expect(found).toMatchObject({
    isInstalled: true,
    reason: "our own is not installed, but @tensorflow/tfjs-node 4.22.0 with an addon is",
    folder: { flavour: "cpu", package: "@tensorflow/tfjs-node 4.22.0" },
  });
});

test("our own engine is not replaced by a bridge of the project where it is damaged", () => {
  pretendPackage(modules(), cpu);
  const { path: folder, stamp } = nativeFolder(own);
  mkdirSync(folder, { recursive: true });
  writeFileSync(stamp, "{}");

  expect(findNativeEngine(own, project)).toMatchObject({
    isInstalled: false,
    reason: expect.stringMatching(/damaged/),
  });
});

test("of two bridges that for GPUs is taken, of one without an addon the other", () => {
  pretendPackage(modules(), cpu);
  pretendPackage(modules(), gpu, "4.22.0", false);
  expect(findNativePackage(project, nobody)).toMatchObject({ found: { flavour: "cpu" } });

  pretendPackage(modules(), gpu);
  expect(findNativePackage(project, nobody)).toMatchObject({ found: { flavour: "gpu" } });
});

test("a global bridge is found from everywhere, the project's goes first", () => {
  const global = path.join(project, "global");
  pretendPackage(global, cpu);
  expect(findNativePackage(project, global)).toMatchObject({ found: { path: path.join(global, cpu) } });

  pretendPackage(modules(), cpu);
  expect(findNativePackage(project, global)).toMatchObject({ found: { path: path.join(modules(), cpu) } });
});

test.each([
  ["of another version", "4.21.0", true, /tfjs-node 4\.21\.0 in .* is not used: it would have to be 4\.22\.0/],
  ["without an addon", "4.22.0", false, /has no addon \(`npm rebuild @tensorflow\/tfjs-node` makes it\)/],
])("a bridge %s is not taken, and the reason says so beside the remedy", (_, version, hasAddon, words) => {
  pretendPackage(modules(), cpu, version, hasAddon);

  const found = findNativeEngine(own, project);

  expect(found).toMatchObject({ isInstalled: false, reason: expect.stringMatching(words) });
  expect(found.reason).toContain("`nightsweep engine install` does it");
});

test("install makes nothing where a bridge is, unless again or GPUs are asked for", async () => {
  pretendPackage(modules(), cpu);

  expect(await install({})).toMatchObject({ type: "packaged", found: { package: "@tensorflow/tfjs-node 4.22.0" } });
  // No tools are named here: what goes on to install lists them as missing.
  expect(await install({ again: true })).toMatchObject({ type: "missing" });
  expect(await install({ flavour: "gpu" })).toMatchObject({ type: "missing" });
});
