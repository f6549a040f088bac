import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findInstalledSchema } from "../../src/cli/find-schema.ts";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { experimentJsonSchema } from "../../src/spec/json-schema.ts";
import { nightsweep } from "./nightsweep-process.ts";

const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-schema-"));
const at = (...parts: string[]): string => path.join(folder, ...parts);
const schema: unknown = JSON.parse(JSON.stringify(experimentJsonSchema()));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file in folders that are made for it. */
function write(...parts: string[]): void {
  mkdirSync(path.dirname(at(...parts)), { recursive: true });
  writeFileSync(at(...parts), JSON.stringify(schema));
}

/** The schema that the modeline of a file leads to. */
function schemaOf(file: string): unknown {
  const [, named = ""] = /^# yaml-language-server: \$schema=(.+)\n/.exec(readFileSync(file, "utf8")) ?? [];
  return JSON.parse(readFileSync(path.resolve(path.dirname(file), named), "utf8"));
}

describe("nightsweep schema", () => {
  test("prints the JSON Schema of experiments", async () => {
    const { exitCode, stdout, stderr } = await nightsweep(["schema"], { cwd: folder });

    expect(JSON.parse(stdout)).toEqual(schema);
    expect({ exitCode, stderr }).toEqual({ exitCode: exitCodes.done, stderr: "" });
  });

  test("writes it to a file in a new folder", async () => {
    const { exitCode, stdout } = await nightsweep(["schema", "--file", "new/schema.json"], { cwd: folder });

    expect(JSON.parse(readFileSync(at("new", "schema.json"), "utf8"))).toEqual(schema);
    expect({ exitCode, stdout }).toEqual({ exitCode: exitCodes.done, stdout: "" });
  });

  test("says why it can't write a file", async () => {
    write("a-file");

    const { exitCode, stderr } = await nightsweep(["schema", "--file", "a-file/schema.json"], { cwd: folder });

    expect(stderr).toContain("could not write a-file/schema.json");
    expect(exitCode).toBe(exitCodes.invalidInput);
  });
});

describe("the modeline that init writes leads to the schema", () => {
  test("next to the file, where nightsweep is not installed", async () => {
    mkdirSync(at("elsewhere"));

    await nightsweep(["init", "elsewhere/cnn.yaml"], { cwd: folder });

    expect(schemaOf(at("elsewhere", "cnn.yaml"))).toEqual(schema);
    expect(existsSync(at("elsewhere", ".nightsweep", "experiment.schema.json"))).toBe(true);
  });

  test("in node_modules, where nightsweep is installed in a folder above", async () => {
    write("project", "node_modules", "nightsweep", "dist", "experiment.schema.json");
    mkdirSync(at("project", "experiments"));

    await nightsweep(["init", "cnn.yaml"], { cwd: at("project", "experiments") });

    expect(schemaOf(at("project", "experiments", "cnn.yaml"))).toEqual(schema);
    expect(existsSync(at("project", "experiments", ".nightsweep"))).toBe(false);
  });
});

describe("the installed schema is found", () => {
  test("in a clone that has been built", () => {
    write("clone", "dist", "experiment.schema.json");

    expect(findInstalledSchema(at("clone", "experiments"), at("clone"))).toBe("../dist/experiment.schema.json");
    expect(findInstalledSchema(at("clone"), at("clone"))).toBe("dist/experiment.schema.json");
  });

  test("not in a clone that has not, nor in the dist folder of somebody's project", () => {
    mkdirSync(at("unbuilt"));

    expect(findInstalledSchema(at("unbuilt"), at("unbuilt"))).toBeUndefined();
    expect(findInstalledSchema(at("clone"), at("unbuilt"))).toBeUndefined();
  });
});
