import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import type { Expectation } from "../../src/spec/expectation.ts";
import { openInternal, removeInternal } from "../../src/spec/json-schema/internal-alternatives.ts";
import { mergeAlternatives } from "../../src/spec/json-schema/merge-alternatives.ts";
import { mentionsKey, partialSchema } from "../../src/spec/json-schema/partial-schema.ts";

const whole: Expectation = { type: "integer" };

/** A map in which exactly these fields must be given. */
function map(properties: Record<string, Expectation>, required = Object.keys(properties)): Expectation {
  return { type: "object", properties, required, additionalProperties: false };
}

/** Those of the values that a schema allows. */
function allowed(schema: Expectation, values: readonly unknown[]): readonly unknown[] {
  const isAllowed = new Ajv({ strict: false }).compile(schema);
  return values.filter((value) => isAllowed(value));
}

describe("a union of maps with one key each", () => {
  const union: Expectation = {
    description: "A layer.",
    anyOf: [{ const: "flatten" }, map({ dense: whole }), map({ dropout: whole })],
  };
  const merged = mergeAlternatives(union);

  test("becomes one map with one of the keys, the other alternatives beside it", () => {
    expect(merged.description).toBe("A layer.");
    expect(merged.anyOf?.map(({ properties = {}, const: name }) => name ?? Object.keys(properties))).toEqual([
      ["dense", "dropout"],
      "flatten",
    ]);
  });

  test("allows what it allowed before", () => {
    const values = ["flatten", "other", {}, { dense: 1 }, { dense: "x" }, { dense: 1, dropout: 1 }, { other: 1 }, null];

    expect(allowed(merged, values)).toEqual(["flatten", { dense: 1 }]);
    expect(allowed(merged, values)).toEqual(allowed(union, values));
  });
});

describe("a union of maps with a type", () => {
  const sgd = map({ type: { const: "sgd" }, momentum: whole }, ["type"]);
  const values = [{ type: "sgd", momentum: 1 }, { type: "sgd", beta: 1 }, { type: "adam", beta: 1 }, { type: "x" }];

  test("is decided by the type, and allows what it allowed before", () => {
    const union = { oneOf: [sgd, map({ type: { enum: ["adam", "adamw"] }, beta: whole }, ["type"])] };

    const merged = mergeAlternatives(union);

    expect(merged).not.toHaveProperty("oneOf");
    expect(merged.properties?.["type"]).toEqual({ enum: ["sgd", "adam", "adamw"] });
    expect(allowed(merged, [...values, {}, { beta: 1 }])).toEqual([values[0], values[2]]);
  });

  test("is the one with the default where the type is left out", () => {
    const adam = map({ type: { const: "adam", default: "adam" }, beta: whole }, []);

    const merged = mergeAlternatives({ oneOf: [sgd, adam] });

    expect(allowed(merged, [...values, {}, { beta: 1 }, { momentum: 1 }])).toEqual([
      values[0],
      values[2],
      {},
      { beta: 1 },
    ]);
  });
});

test("maps that nothing tells apart stay alternatives", () => {
  const union = { anyOf: [map({ first: whole }), map({ random: whole, seed: whole }, ["random"])] };

  expect(mergeAlternatives(union)).toEqual(union);
});

describe("a part of an experiment", () => {
  const part = partialSchema(map({ data: map({ dataset: { type: "string" } }), size: { enum: [1, 2] } }));

  test("need not have any field, and may take fields away with null", () => {
    const values = [{}, { data: {} }, { data: null }, { data: { dataset: null } }, { size: null }];

    expect(allowed(part, values)).toEqual(values);
  });

  test("may leave a type with a default to another file, and have fields of any type then", () => {
    const sgd = map({ type: { const: "sgd" }, momentum: whole }, ["type"]);
    const adam = map({ type: { const: "adam", default: "adam" }, beta: whole }, []);
    const optimizer = partialSchema(mergeAlternatives({ oneOf: [sgd, adam] }));

    expect(allowed(optimizer, [{ momentum: 1 }, { type: "adam", momentum: 1 }, { type: "x" }])).toEqual([
      { momentum: 1 },
    ]);
  });

  test("must be right in what it has", () => {
    expect(allowed(part, [{ data: { dataset: 1 } }, { data: { other: 1 } }, { size: 3 }, { other: 1 }])).toEqual([]);
  });
});

test("a path is found among the keys of a sweep however deep it stands", () => {
  const self = { $ref: "#/definitions/mentions" };
  const schema = { ...self, definitions: { mentions: mentionsKey(String.raw`\.dataset$`, self) } };

  const found = [{ grid: { "data.dataset": [1] } }, { union: [{ a: 1 }, { cases: [{ "data.dataset": 1 }] }] }];
  const others = [{}, { grid: { "training.epochs": ["data.dataset"] } }, [], "data.dataset", null];

  expect(allowed(schema, [...found, ...others])).toEqual(found);
});

describe("an alternative that can't be written", () => {
  const language: Expectation = {
    ...map({ layers: { type: "array", items: { $ref: "#/definitions/entry" } } }),
    definitions: {
      entry: { anyOf: [map({ dense: whole }), map({ dropout: whole }), { $ref: "#/definitions/use" }] },
      use: map({ $block: { description: "A used block." } }),
    },
  };
  const values = [[{ dense: 1 }], [{ $block: 1 }], [{ vgg: { n: 2 } }], ["vgg"], [{ a: 1, b: 1 }]].map((layers) => ({
    layers,
  }));

  test("is left out where a file defines no names", () => {
    expect(allowed(removeInternal(language), values)).toEqual(values.slice(0, 1));
    expect(removeInternal(language).definitions).toEqual({
      entry: { anyOf: [map({ dense: whole }), map({ dropout: whole })] },
    });
  });

  test("is any name, alone or with arguments, where a file may define some", () => {
    const open = openInternal(language);
    const entry = mergeAlternatives((open.definitions as { entry: Expectation }).entry);

    expect(allowed(entry, ["vgg", { vgg: { n: 2 } }, { dense: 1 }])).toHaveLength(3);
    expect(allowed(entry, [{ dense: "x" }, { a: 1, b: 1 }, 3])).toEqual([]);
    expect(JSON.stringify(entry)).toContain("A used block.");
  });
});
