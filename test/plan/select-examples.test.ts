import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selectExamples } from "../../src/plan/select-examples.ts";
import { shareOut } from "../../src/plan/share-out.ts";
import type { PlannedData } from "../../src/plan/plan.ts";
import { splitExamples } from "../../src/plan/split-examples.ts";
import { parseSection } from "../../src/spec/parse-section.ts";
import { mnist } from "./experiment-of.ts";

// 60 training examples of classes 0 0 0 1 1 2 0 0 0 1 1 2 …, 12 test examples 0 1 2 0 1 2 …
const labels = {
  train: Array.from({ length: 60 }, (_, example) => [0, 0, 0, 1, 1, 2][example % 6] ?? 0),
  test: Array.from({ length: 12 }, (_, example) => example % 3),
};
const dataset = {
  ...mnist,
  classCount: 3,
  classNames: ["cat", "dog", "owl"],
  trainExamples: 60,
  testExamples: 12,
  classCounts: { train: [30, 20, 10], test: [4, 4, 4] },
  validationExamples: 5,
};

function planned(section: Record<string, unknown>): PlannedData {
  const parsed = parseSection("data", { dataset: "mnist", ...section });
  if ("issues" in parsed) throw new Error(JSON.stringify(parsed.issues));
  const { data, issues } = splitExamples(parsed.value, dataset);
  expect(issues).toEqual([]);
  return data;
}

function select(section: Record<string, unknown>) {
  const { train, validation, test } = selectExamples(planned(section), labels);
  return { train: [...train], validation: [...(validation?.examples ?? [])], test: [...test] };
}

const range = (start: number, end: number) => Array.from({ length: end - start }, (_, index) => start + index);
const classesOf = (examples: readonly number[]) =>
  [0, 1, 2].map((label) => examples.filter((example) => labels.train[example] === label).length);

describe("without a choice", () => {
  test("all examples are learned from and tested on", () => {
    expect(select({})).toEqual({ train: range(0, 60), validation: [], test: range(0, 12) });
  });

  test("a validation part is the end of the file", () => {
    expect(select({ validation: { fraction: 0.1 } })).toMatchObject({ train: range(0, 54), validation: range(54, 60) });
  });
});

describe("a subset", () => {
  test("of the first examples is the start of the file, and the validation part its end", () => {
    const section = { subset: { train: { first: 10 }, test: { first: 3 } }, validation: { fraction: 0.2 } };

    expect(select(section)).toEqual({ train: range(0, 8), validation: [8, 9], test: [0, 1, 2] });
  });

  test("of random examples has each at most once, in file order, and is drawn from its seed", () => {
    const chosen = (seed: number) => select({ subset: { train: { random: 20, seed } } }).train;

    expect(new Set(chosen(0)).size).toBe(20);
    expect(chosen(0)).toEqual([...chosen(0)].sort((a, b) => a - b));
    expect(chosen(0)).not.toEqual(range(0, 20));
    expect(chosen(1)).not.toEqual(chosen(0));
  });

  test("of random examples holds each with the same chance", () => {
    const counts = new Uint32Array(60);
    for (let seed = 0; seed < 1200; seed++)
      for (const example of select({ subset: { train: { random: 10, seed } } }).train)
        counts[example] = (counts[example] ?? 0) + 1;

    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(65);
  });

  test("per class has that many of each", () => {
    expect(classesOf(select({ subset: { train: { perClass: 7 } } }).train)).toEqual([7, 7, 7]);
  });

  test("that grows keeps the examples that it had", () => {
    for (const kind of ["random", "perClass"]) {
      const few = select({ subset: { train: { [kind]: 3 } } }).train;
      const more = new Set(select({ subset: { train: { [kind]: 8 } } }).train);

      expect(few.filter((example) => !more.has(example))).toEqual([]);
    }
  });

  test("of training and test examples are drawn independently", () => {
    const { train, test } = select({ subset: { train: { random: 12 }, test: { random: 6 } } });

    expect(train.filter((example) => example < 12)).not.toEqual(test);
  });
});

describe("a validation part", () => {
  test.each(["end", "start", "random", "stratified"])("from the %s and the rest are all examples once", (from) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 60 }),
        fc.double({ min: 0.35, max: 0.9, noNaN: true }),
        (first, fraction) => {
          const { train, validation } = select({ subset: { train: { first } }, validation: { fraction, from } });

          expect([...train, ...validation].sort((a, b) => a - b)).toEqual(range(0, first));
          expect(validation).toEqual([...validation].sort((a, b) => a - b));
        },
      ),
    );
  });

  test("from the start is the first examples", () => {
    const { train, validation } = select({ validation: { fraction: 0.1, from: "start" } });

    expect([train, validation]).toEqual([range(6, 60), range(0, 6)]);
  });

  test("that is stratified has the same share of each class", () => {
    expect(classesOf(select({ validation: { fraction: 0.2, from: "stratified" } }).validation)).toEqual([6, 4, 2]);
  });

  test("of its own leaves the training examples whole", () => {
    const data = planned({ validation: { split: "validation" } });

    expect(data).toMatchObject({ trainCount: 60, validationCount: 5 });
    expect(selectExamples(data, labels).validation).toEqual({
      file: "validation",
      examples: Uint32Array.of(0, 1, 2, 3, 4),
    });
  });
});

test("what is drawn never changes between versions, or recorded results could not be repeated", () => {
  const section = {
    subset: { train: { random: 20 }, test: { perClass: 1 } },
    validation: { fraction: 0.2, from: "random", seed: 3 },
  };

  // As first drawn: a change of these numbers changes every result and needs a new results version.
  expect(select(section)).toMatchInlineSnapshot(`
    {
      "test": [
        1,
        6,
        8,
      ],
      "train": [
        1,
        2,
        11,
        14,
        16,
        18,
        22,
        25,
        29,
        34,
        35,
        36,
        44,
        49,
        50,
        57,
      ],
      "validation": [
        12,
        31,
        33,
        45,
      ],
    }
  `);
});

describe("sharing out in proportion", () => {
  test("gives what is left over to the largest remainders", () => {
    expect(shareOut(5, [3, 3, 1])).toEqual([2, 2, 1]);
    expect(shareOut(4, [1, 1, 1, 1, 1])).toEqual([1, 1, 1, 1, 0]);
    expect(shareOut(0, [4, 4])).toEqual([0, 0]);
  });

  test("gives everything, and nobody more than there is", () => {
    const sizes = fc.array(fc.nat(50), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), (sizes, share) => {
        const total = Math.floor(sizes.reduce((sum, size) => sum + size, 0) * share);
        const shares = shareOut(total, sizes);

        expect(shares.reduce((sum, count) => sum + count, 0)).toBe(total);
        expect(shares.every((count, index) => count <= (sizes[index] ?? 0))).toBe(true);
      }),
    );
  });
});
