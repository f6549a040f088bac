import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/plan/plan.ts";
import type { YamlValue } from "../../src/spec/schema/experiment.ts";
import { issuesOf, planOf, problemsOf } from "./experiment-of.ts";

const rate = "training.optimizer.learningRate";
const batch = "training.batchSize";
const epochs = "training.epochs";
const type = "training.optimizer.type";
const momentum = "training.optimizer.momentum";

type Sweep = Readonly<Record<string, YamlValue>>;

const sweepOf = (sweep: Sweep) => ({ "training.optimizer": { type: "adam" }, sweep: { ...sweep } });
const plan = (sweep: Sweep): Plan => planOf(sweepOf(sweep));
/** The configurations of a sweep in order, as `batchSize/epochs`. */
const shown = (sweep: Sweep, ...paths: readonly string[]) =>
  plan(sweep)
    .configurations.map(({ values }) => paths.map((path) => values[path] ?? "–").join("/"))
    .join(" ");
const idsOf = (sweep: Sweep) => plan(sweep).trials.map(({ id }) => id);
const valuesOf = (sweep: Sweep, path: string) => plan(sweep).configurations.map(({ values }) => values[path]);

describe("fields that move together", () => {
  test("have as many points as each list has values", () => {
    expect(shown({ zip: { [batch]: [10, 20], [epochs]: [1, 2] } }, batch, epochs)).toBe("10/1 20/2");
  });

  test("combine with a grid, whose values change fastest", () => {
    const sweep = { grid: { [rate]: [0.1, 0.2] }, zip: { [batch]: [10, 20], [epochs]: [1, 2] } };

    expect(shown(sweep, batch, epochs, rate)).toBe("10/1/0.1 10/1/0.2 20/2/0.1 20/2/0.2");
  });
});

describe("explicit cases", () => {
  test("each set only their own fields; an empty one is the experiment as written", () => {
    const cases = [{}, { [batch]: 10 }, { [batch]: 20, [epochs]: 7 }];

    expect(shown({ cases }, batch, epochs)).toBe("–/– 10/– 20/7");
    expect(plan({ cases }).trainings.map(({ batchSize, epochs }) => [batchSize, epochs])).toEqual([
      [500, 3],
      [10, 3],
      [20, 7],
    ]);
  });

  test("that mean the same as the experiment are one trial with it", () => {
    expect(plan({ cases: [{}, { [batch]: 500 }, { [epochs]: 3 }] }).trials).toHaveLength(1);
  });
});

describe("several spaces one after another", () => {
  test("keep their order, and what is in two of them is one trial", () => {
    const union = [{ grid: { [batch]: [10, 20] } }, { grid: { [batch]: [20, 30], [epochs]: [3] } }];

    expect(shown({ union }, batch)).toBe("10 20 30");
  });

  test("combine with what is beside them", () => {
    const union = [{ grid: { [batch]: [10] } }, { cases: [{ [epochs]: 9 }] }];

    expect(shown({ union, grid: { [rate]: [0.1, 0.2] } }, batch, epochs, rate)).toBe(
      "10/–/0.1 10/–/0.2 –/9/0.1 –/9/0.2",
    );
  });

  test("share the sections that are equal", () => {
    const result = plan({ union: [{ grid: { [batch]: [10, 20] } }, { grid: { [batch]: [10], [epochs]: [3, 4] } }] });

    expect(result.trainings).toHaveLength(3);
  });
});

describe("fields under a condition", () => {
  const when = [{ if: { [type]: "sgd" }, grid: { [momentum]: [0, 0.9] } }];

  test("exist only where it holds", () => {
    expect(shown({ grid: { [type]: ["adam", "sgd"] }, when }, type, momentum)).toBe("adam/– sgd/0 sgd/0.9");
  });

  test("see values inside a swept map, and set fields beside them", () => {
    const optimizers = [{ type: "adam" }, { type: "sgd", learningRate: 0.1 }];

    const { trainings } = plan({ grid: { "training.optimizer": optimizers }, when });

    expect(trainings.map(({ optimizer }) => optimizer)).toMatchObject([
      { type: "adam" },
      { type: "sgd", learningRate: 0.1, momentum: 0 },
      { type: "sgd", learningRate: 0.1, momentum: 0.9 },
    ]);
  });

  test("don't overwrite what a swept map gives itself", () => {
    const optimizers = [{ type: "adam" }, { type: "sgd", momentum: 0.5 }];

    expect(problemsOf(sweepOf({ grid: { "training.optimizer": optimizers }, when }))).toEqual([
      `shadowed-path sweep.when[0].grid.${momentum}`,
    ]);
  });

  test("may be the same field twice if the conditions exclude each other", () => {
    const twice = [
      { if: { [type]: "sgd" }, grid: { [rate]: [0.1] } },
      { if: { [type]: ["adam"] }, grid: { [rate]: [0.001, 0.002] } },
    ];

    expect(shown({ grid: { [type]: ["sgd", "adam"] }, when: twice }, type, rate)).toBe("sgd/0.1 adam/0.001 adam/0.002");
  });

  test("see what an earlier condition added", () => {
    const chain = [...when, { if: { [momentum]: { ">": 0 } }, grid: { "training.optimizer.nesterov": [true] } }];

    expect(shown({ grid: { [type]: ["sgd"] }, when: chain }, momentum, "training.optimizer.nesterov")).toBe(
      "0/– 0.9/true",
    );
  });
});

describe("exclusions", () => {
  const grid = { [batch]: [10, 20, 30], [epochs]: [1, 2] };

  test("remove the points for which all comparisons hold", () => {
    const exclude = [{ [batch]: [10, 30], [epochs]: 2 }, { [batch]: { ">=": 20, "<": 30 } }];

    expect(shown({ grid, exclude }, batch, epochs)).toBe("10/1 30/1");
  });

  test("look at what is written where nothing is swept", () => {
    expect(shown({ grid, exclude: [{ [type]: { "!=": "sgd" }, [epochs]: 1 }] }, batch, epochs)).toBe("10/2 20/2 30/2");
  });

  test("keep configurations from being built: one that would be refused is left out", () => {
    const sweep = { grid: { [batch]: [10, 100_000] }, exclude: [{ [batch]: { ">": 54_000 } }] };

    expect(problemsOf(sweepOf(sweep))).toEqual([]);
  });

  test("that leave nothing are refused", () => {
    expect(problemsOf(sweepOf({ grid, exclude: [{ [batch]: { ">": 0 } }] }))).toEqual(["nothing-to-run sweep"]);
  });

  test("that match nothing are refused, unless they look at drawn values", () => {
    const exclude = [{ [batch]: 999 }];
    const random = { count: 3, space: { [batch]: { intUniform: [1, 100] } } };

    expect(problemsOf(sweepOf({ grid, exclude }))).toEqual(["exclude-without-effect sweep.exclude[0]"]);
    expect(problemsOf(sweepOf({ random, exclude }))).toEqual([]);
  });

  test("of a member of a union only reach that member", () => {
    const union = [{ grid, exclude: [{ [epochs]: 1 }] }, { grid: { [batch]: [40], [epochs]: [1] } }];

    expect(shown({ union }, batch, epochs)).toBe("10/2 20/2 30/2 40/1");
  });
});

const space = {
  [rate]: { logUniform: [0.001, 0.1] },
  [batch]: { intUniform: [16, 64] },
  "training.optimizer.beta1": { quantised: { uniform: [0.8, 0.95], step: 0.05 } },
  "training.keepBest": { choice: ["validationLoss", "validationAccuracy"] },
};

describe.each([
  ["random", (count: number, seed: number): Sweep => ({ random: { count, seed, space } })],
  ["sobol", (count: number, seed: number): Sweep => ({ quasiRandom: { method: "sobol", count, seed, space } })],
  ["halton", (count: number, seed: number): Sweep => ({ quasiRandom: { method: "halton", count, seed, space } })],
])("points drawn by %s", (_, sweepWith) => {
  const sweep = (count: number, seed = 7) => sweepWith(count, seed);

  test("are inside their ranges, on their steps and among their choices", () => {
    const { configurations } = plan(sweep(60));

    expect(configurations).toHaveLength(60);
    for (const { values } of configurations) {
      expect(values[rate]).toBeGreaterThanOrEqual(0.001);
      expect(values[rate]).toBeLessThanOrEqual(0.1);
      expect(Number(values[batch]) % 1).toBe(0);
      expect([0.8, 0.85, 0.9, 0.95]).toContain(values["training.optimizer.beta1"]);
      expect(["validationLoss", "validationAccuracy"]).toContain(values["training.keepBest"]);
    }
  });

  test("spread over each range", () => {
    const rates = valuesOf(sweep(64), rate).map((value) => Math.floor(2 * (Math.log10(Number(value)) + 3)));
    const counts = [0, 1, 2, 3].map((quarter) => rates.filter((value) => value === quarter).length);

    expect(Math.min(...counts)).toBeGreaterThanOrEqual(8);
  });

  test("stay when more are drawn, when seeds are added and when the fields are reordered", () => {
    const reordered = Object.fromEntries(Object.entries(space).toReversed());
    const part = sweep(60)["random"] === undefined ? "quasiRandom" : "random";
    const again = { [part]: { ...Object(sweep(60)[part]), space: reordered } };

    expect(idsOf(sweep(60)).slice(0, 50)).toEqual(idsOf(sweep(50)));
    expect(idsOf({ ...sweep(50), seeds: 2 }).filter((_, index) => index % 2 === 0)).toEqual(idsOf(sweep(50)));
    expect(idsOf(again)).toEqual(idsOf(sweep(60)));
  });

  test("are others with another seed", () => {
    const first = new Set(idsOf(sweep(50)));

    expect(idsOf(sweep(50, 8)).filter((id) => first.has(id))).toEqual([]);
  });

  test("have numbers of at most 6 significant digits", () => {
    for (const value of valuesOf(sweep(50), rate)) expect(value).toBe(Number(Number(value).toPrecision(6)));
  });
});

test("normal draws have the mean and the deviation that were asked for", () => {
  const normal = { count: 400, space: { "training.optimizer.beta1": { normal: { mean: 0.5, sd: 0.05 } } } };
  const draws = valuesOf({ random: normal }, "training.optimizer.beta1").map(Number);
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;

  expect(mean).toBeCloseTo(0.5, 1.5);
  expect(Math.sqrt(variance)).toBeCloseTo(0.05, 2);
});

test("a drawn value that is wrong is told once, at its distribution, with the number of others", () => {
  const [issue, ...others] = issuesOf(sweepOf({ random: { count: 20, space: { [batch]: { uniform: [16, 64] } } } }));

  expect(others).toEqual([]);
  expect(issue?.path).toEqual(["sweep", "random", "space", batch]);
  expect(issue?.message).toMatch(
    /expected a whole number ≥ 1 \(with training\.batchSize=[\d.]+ and 19 other values\)$/,
  );
  expect(issue?.fix).toBe("draw whole numbers with `intUniform`");
});

test("a value in one case that makes something else wrong is where the problem stands", () => {
  const cases = [{ [batch]: 10 }, { "data.subset": { train: { first: 100 } } }];

  const [issue, ...others] = issuesOf(sweepOf({ cases }));

  expect(others).toEqual([]);
  expect(issue?.path).toEqual(["sweep", "cases", 1, "data.subset"]);
  expect(issue?.message).toContain("got 500, but there are only 90 examples");
});

describe("the size of a sweep", () => {
  test("may be bounded by the experiment, which then says how large it is", () => {
    const [issue] = issuesOf(sweepOf({ grid: { [batch]: [10, 20], [epochs]: [1, 2, 3] }, seeds: 2, maxTrials: 10 }));

    expect(issue).toMatchObject({ code: "too-many-trials", path: ["sweep", "maxTrials"] });
    expect(issue?.message).toBe("got 10, but the sweep has 12 trials (6 configurations × 2 seeds)");
  });

  test("counts what is left after exclusions and without repetitions", () => {
    const sweep = { grid: { [batch]: [10, 10, 20] }, exclude: [{ [batch]: 20 }], maxTrials: 1 };

    expect(problemsOf(sweepOf(sweep))).toEqual([]);
  });

  test("is counted exactly before anything is built if constraints leave too much", () => {
    const values = Array.from({ length: 400 }, (_, index) => index + 1);
    const sweep = { grid: { [batch]: values, [epochs]: values }, exclude: [{ [batch]: { ">": 300 } }] };

    expect(issuesOf(sweepOf(sweep))[0]?.message).toBe(
      "the sweep has 120,000 trials (120,000 configurations × 1 seed); at most 100,000 are possible",
    );
  });

  test("of a million points and more is refused before they are gone through", () => {
    const values = Array.from({ length: 2000 }, (_, index) => index + 1);
    const sweep = { grid: { [batch]: values, [epochs]: values }, exclude: [{ [batch]: { ">": 3 } }] };

    expect(issuesOf(sweepOf(sweep))[0]?.message).toContain("has 4,000,000 points before `when` and `exclude`");
  });
});

test("adding values, cases, spaces or seeds leaves all earlier ids as they are", () => {
  const before = {
    union: [{ grid: { [batch]: [10, 20] } }, { random: { count: 5, space: { [rate]: { uniform: [0.001, 0.01] } } } }],
    seeds: 2,
  };
  const after = {
    union: [
      { cases: [{ [epochs]: 1 }] },
      { random: { count: 9, space: { [rate]: { uniform: [0.001, 0.01] } } } },
      { grid: { [batch]: [5, 10, 15, 20], [epochs]: [3, 4] } },
    ],
    seeds: [3, 2, 1],
  };

  const ids = new Set(idsOf(after));
  expect(idsOf(before).filter((id) => !ids.has(id))).toEqual([]);
});
