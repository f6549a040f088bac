import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { describeNative, nativeFiles } from "../trainer/engine/tensorflow/native-addon.ts";
import { nightsweep } from "./nightsweep-process.ts";

/** A project with a bridge as npm leaves it, of the files of our own installation, and a tfjs that must stay unused. */
function makeProject(): string {
  const project = mkdtempSync(path.join(tmpdir(), "nightsweep-project-"));
  onTestFinished(() => rmSync(project, { recursive: true }));
  const scope = path.join(project, "node_modules", "@tensorflow");
  const root = path.join(scope, "tfjs-node");
  const addon = path.join(root, "lib", "napi-v8");
  mkdirSync(addon, { recursive: true });
  cpSync(path.join(nativeFiles.bridge, "dist"), path.join(root, "dist"), { recursive: true });
  writeFileSync(path.join(root, "package.json"), '{ "name": "@tensorflow/tfjs-node", "version": "4.22.0" }');
  cpSync(nativeFiles.addon, path.join(addon, "tfjs_binding.node"));
  symlinkSync(path.join(path.dirname(nativeFiles.addon), "tensorflow"), path.join(addon, "tensorflow"));
  for (const name of ["tfjs", "tfjs-core"]) {
    mkdirSync(path.join(scope, name));
    writeFileSync(path.join(scope, name, "index.js"), 'throw new Error("a second copy of tfjs was loaded");');
  }
  return project;
}

describeNative("a bridge that npm installed in the project", () => {
  test("computes known figures with its addon and our tfjs, and doctor says which it is", async () => {
    const cwd = makeProject();
    const environment = { NIGHTSWEEP_ENGINE_HOME: path.join(cwd, "own") };

    const doctor = await nightsweep(["engine", "doctor"], { cwd, environment });
    const list = await nightsweep(["engine", "list", "--output", "json"], { cwd, environment });

    expect(doctor.stdout).toMatch(/tensorflow +start +ok +\d+\.\d+\.\d+\+steps\.\d+\.package in/);
    expect(doctor.stdout).toMatch(/addon @tensorflow\/tfjs-node 4\.22\.0, ownOperations none/);
    expect(doctor.stdout).toMatch(/tensorflow +a tiny training +ok/);
    expect(doctor.stdout).toContain("tensorflow: our own is not installed, but @tensorflow/tfjs-node 4.22.0");
    expect(doctor.exitCode).toBe(exitCodes.done);
    expect(list.stdout).toContain("without our own operations: our own is not installed");
  });
});
