import { describe, expect, test } from "vitest";
import { comparePlans } from "../../../src/plan/outlook/compare-plans.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { planOf } from "../experiment-of.ts";

const rates = (...values: number[]) => ({ "training.optimizer.learningRate": values });

describe("a plan against the one before", () => {
  test("that is the same has nothing but unchanged trials", () => {
    expect(comparePlans(planOf({ "sweep.seeds": 2 }), planOf({ "sweep.seeds": 2 }))).toEqual({
      trials: { unchanged: 2, added: 0, removed: 0 },
      configurations: { unchanged: 1, added: 0, removed: 0 },
      seeds: { added: [], removed: [] },
      resultsVersionChanged: false,
      fields: [],
    });
  });

  test("names a field whose value was changed", () => {
    const changes = comparePlans(planOf(), planOf({ "training.optimizer.learningRate": 0.01 }));

    expect(changes.trials).toEqual({ unchanged: 0, added: 1, removed: 1 });
    expect(changes.fields).toEqual([
      { path: "training.optimizer.learningRate", before: "0.001", after: "0.01", configurations: 1 },
    ]);
  });

  test("names fields of the data and of layers", () => {
    const after = planOf({ "data.subset.test.first": 100, "model.layers[0].conv2d.filters": 9 });

    const paths = comparePlans(planOf(), after).fields.map(({ path }) => path);
    expect(paths).toContain("model.conv2d_1.filters");
    expect(paths).toContain("data.subset.test.first");
  });

  test("says what is new about added values, and keeps the rest as it is", () => {
    const before = planOf({ sweep: { grid: rates(0.1, 0.2), seeds: 3 } });
    const after = planOf({ sweep: { grid: rates(0.1, 0.2, 0.3), seeds: 3 } });

    const { trials, configurations, fields } = comparePlans(before, after);
    expect(trials).toEqual({ unchanged: 6, added: 3, removed: 0 });
    expect(configurations).toEqual({ unchanged: 2, added: 1, removed: 0 });
    expect(fields).toMatchObject([{ path: "training.optimizer.learningRate", after: "0.3" }]);
  });

  test("names seeds that were added and that are gone", () => {
    const { seeds, configurations } = comparePlans(
      planOf({ "sweep.seeds": [1, 2] }),
      planOf({ "sweep.seeds": [2, 3] }),
    );

    expect(seeds).toEqual({ added: [3], removed: [1] });
    expect(configurations).toEqual({ unchanged: 1, added: 0, removed: 0 });
  });

  test("counts how many configurations a change makes new", () => {
    const sweep = { grid: rates(0.1, 0.2) };

    const { fields } = comparePlans(planOf({ sweep }), planOf({ sweep, "training.epochs": 4 }));
    expect(fields).toEqual([{ path: "training.epochs", before: "3", after: "4", configurations: 2 }]);
  });

  test("leaves fields out if the code itself gives other results now", () => {
    const before: Plan = { ...planOf(), code: { packageVersion: "0.0.1", resultsVersion: 0 } };

    expect(comparePlans(before, planOf({ "training.epochs": 4 }))).toMatchObject({
      resultsVersionChanged: true,
      fields: [],
    });
  });
});
