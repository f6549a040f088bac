import { describe, expect, test } from "vitest";
import { parsePlan, PlanFormatError, serializePlan } from "../../src/plan/serialize-plan.ts";
import { planOf } from "./experiment-of.ts";

const changes = {
  description: "a sweep",
  "model.name": "cnn",
  "sweep.grid": {
    "training.batchSize": [10, 20],
    model: [{ name: "mlp", layers: ["flatten", { dense: { units: 10, activation: "softmax" } }] }],
  },
  "sweep.seeds": 3,
};

describe("a written plan", () => {
  test("has the same bytes for the same inputs", () => {
    expect(serializePlan(planOf(changes))).toBe(serializePlan(planOf(changes)));
  });

  test("is one line of JSON", () => {
    expect(serializePlan(planOf(changes))).toMatch(/^\{.*\}\n$/);
  });

  test("is read as what was written, to the byte", () => {
    const text = serializePlan(planOf(changes));

    const plan = parsePlan(text);

    expect(plan).toEqual(planOf(changes));
    expect(serializePlan(plan)).toBe(text);
  });
});

describe("a text that is no plan", () => {
  const text = serializePlan(planOf(changes));
  const message = (bad: string): string => {
    try {
      parsePlan(bad);
    } catch (error) {
      if (error instanceof PlanFormatError) return error.message;
    }
    return "no error";
  };

  test("because it was cut off", () => {
    expect(message(text.slice(0, -10))).toContain("it is not JSON, or only a part of it");
  });

  test("because a newer version wrote it", () => {
    expect(message(text.replace('"schemaVersion":1', '"schemaVersion":2'))).toContain(
      "the plan has schemaVersion 2, this nightsweep reads 1: it was written by a newer one",
    );
  });

  test("because it is something else", () => {
    expect(message("[]")).toContain("the plan is damaged");
    expect(message('{"name":"x"}')).toContain("schemaVersion");
  });

  test("because a trial points outside the tables", () => {
    expect(message(text.replace('"configuration":0', '"configuration":99'))).toContain(
      "an index points outside its table",
    );
  });

  test("because an id or a shape was damaged", () => {
    expect(message(text.replace(/"id":"[0-9a-f]{20}","configuration"/, '"id":"x","configuration"'))).toContain(
      "trials.0.id: expected an id",
    );
    expect(message(text.replace('"outputShape":[784]', '"outputShape":[null]'))).toContain("models.0");
  });
});
