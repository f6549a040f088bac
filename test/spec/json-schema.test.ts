import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { fieldsOf, placeOfExperiment } from "../../src/spec/expectation.ts";
import { formatPath, type DocumentPath } from "../../src/spec/issue.ts";
import { experimentJsonSchema } from "../../src/spec/json-schema.ts";
import { readYaml } from "../../src/spec/read-yaml.ts";
import { experimentSchema, type YamlValue } from "../../src/spec/schema/experiment.ts";
import { renderStarter } from "../../src/spec/starter.ts";
import { readAtPath, setAtPath } from "../../src/spec/sweep-path.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const schema = experimentJsonSchema();
const isAllowed = new Ajv({ strictSchema: true, allowUnionTypes: true }).compile(schema);

/** The content of a file as nightsweep reads it: aliases and merge keys resolved, without notes. */
const contentOf = (text: string): YamlValue => readYaml(text, "experiment.yaml").content?.value ?? null;
const shipped = readdirSync(path.join(root, "experiments"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => path.join("experiments", name));
const good: readonly (readonly [name: string, document: YamlValue])[] = [
  ...[...shipped, "test/fixtures/spec/everything.yaml"].map(
    (file) => [file, contentOf(readFileSync(path.join(root, file), "utf8"))] as const,
  ),
  ["the starter", contentOf(renderStarter("cnn"))],
];

/** What zod says apart from rules between fields, which a JSON Schema can't express. */
function isOfRightShape(document: unknown): boolean {
  const result = experimentSchema.safeParse(document);
  return result.success || result.error.issues.every(isRule);
}

function isRule(issue: z.core.$ZodIssue): boolean {
  if (issue.code !== "invalid_union") return issue.code === "custom";
  return issue.errors.some((issues) => issues.length > 0 && issues.every(isRule));
}

/** The path of every value in a document. */
function* pathsIn(value: YamlValue, at: DocumentPath = []): Generator<DocumentPath> {
  if (at.length > 0) yield at;
  if (typeof value !== "object" || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, child] of entries) yield* pathsIn(child, [...at, key]);
}

/** A document without what stands at a path. */
function without(document: YamlValue, at: DocumentPath): YamlValue {
  const copy = structuredClone(document);
  const parent = readAtPath(copy, at.slice(0, -1));
  const last = at.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else Reflect.deleteProperty(Object(parent), last);
  return copy;
}

function put(document: YamlValue, at: DocumentPath, value: YamlValue): YamlValue {
  const changed = setAtPath(document, at, value);
  return "document" in changed ? changed.document : document;
}

const otherValues: readonly YamlValue[] = [null, "nonsense", "", -1, 0, 0.5, 1, 7, true, [], [1, 1], {}, { x: 1 }];

/** A document with one thing changed in every way that is tried: other value, left out, unknown key. */
function* changesOf(document: YamlValue): Generator<readonly [what: string, changed: YamlValue]> {
  for (const at of pathsIn(document)) {
    const where = formatPath(at);
    for (const value of otherValues) yield [`${where} = ${JSON.stringify(value)}`, put(document, at, value)];
    yield [`without ${where}`, without(document, at)];
    const here = readAtPath(document, at);
    if (typeof here === "object" && here !== null && !Array.isArray(here))
      yield [`${where}.unknown`, put(document, [...at, "unknown"], 1)];
  }
}

/** The documents that say everything themselves, without their sweep. */
const whole = good
  .map(([name, document]) => [name, without(document, ["sweep"])] as const)
  .filter(([, document]) => ![["extends"], ["model", "blocks"]].some((at) => readAtPath(document, at) !== undefined));

describe("the JSON Schema", () => {
  test.each(good)("allows %s", (_, document) => {
    isAllowed(document);

    expect(isAllowed.errors ?? []).toEqual([]);
  });

  test.each(whole)("allows and refuses each change of %s as nightsweep does", (_, document) => {
    const changes = [...changesOf(document)];

    const different = changes.filter(([, changed]) => isAllowed(changed) !== isOfRightShape(changed));

    expect(different.map(([what]) => what)).toEqual([]);
    expect(changes.filter(([, changed]) => isAllowed(changed)).length).toBeGreaterThan(20);
    expect(changes.length).toBeGreaterThan(200);
  });

  test.each(good)("allows whatever nightsweep does of the changes of %s as a part", (_, document) => {
    const different = [...changesOf(document)].filter(
      ([, changed]) => !isAllowed(changed) && experimentSchema.safeParse(changed).success,
    );

    expect(different.map(([what]) => what)).toEqual([]);
  });

  test("says what it is, in the draft that editors know", () => {
    expect(schema).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      $id: expect.stringContaining("nightsweep"),
      description: expect.stringContaining("experiment"),
    });
  });

  test("describes every section, and tells defaults and examples", () => {
    const { properties } = (schema.definitions as { experiment: { properties: Record<string, object> } }).experiment;

    expect(Object.keys(properties)).toEqual(fieldsOf(placeOfExperiment({}).expected ?? {}));
    for (const field of Object.values(properties)) expect(field).toHaveProperty("description");
    expect(properties["name"]).toMatchObject({ examples: ["mnist-cnn"] });
    expect(JSON.stringify(properties["training"])).toContain('"default":32');
  });

  test("is small enough to be loaded at once", () => {
    expect(JSON.stringify(schema).length).toBeLessThan(2_000_000);
  });
});

describe("a file that does not say everything itself", () => {
  const starter = contentOf(renderStarter("cnn"));

  test("may leave a required field to the sweep, and then its values are still checked", () => {
    const swept = put(without(starter, ["data", "dataset"]), ["sweep", "grid"], { "data.dataset": ["mnist"] });

    expect(isAllowed(swept)).toBe(true);
    expect(isAllowed(put(swept, ["training", "epochs"], "many"))).toBe(false);
    expect(isAllowed(put(swept, ["training", "epoch"], 3))).toBe(false);
  });

  test("may not leave it out if the sweep is about other fields", () => {
    expect(isAllowed(without(starter, ["data", "dataset"]))).toBe(false);
    expect(isAllowed(starter)).toBe(true);
  });
});
