import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeFloats, encodeFloats, WholeNumberReader, WholeNumberWriter } from "../../src/report/byte-planes.ts";
import { decodeMistakes, encodeMistakes } from "../../src/report/block-format.ts";
import { packColumns, unpackColumns } from "../../src/report/pack-columns.ts";
import { sparkline } from "../../src/report/sparkline.ts";

describe("packed data", () => {
  test("is unpacked as it was, whatever JSON it is", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const expected: unknown = JSON.parse(JSON.stringify(value).replaceAll('"$columns"', '"columns"'));
        expect(unpackColumns(packColumns(expected))).toEqual(expected);
      }),
    );
  });

  test("lists of like objects stand column by column, with what some of them lack", () => {
    const rows = [{ a: 1, b: "x" }, { a: 2 }, { a: 3, b: "y" }, { a: 4 }];

    expect(packColumns(rows)).toEqual({ $columns: { a: [1, 2, 3, 4], b: ["x", "y"] }, count: 4, at: { b: [0, 2] } });
  });

  test("floats keep five digits, NaN and infinities", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-30, max: 1e30, noNaN: true })), (values) => {
        const decoded = decodeFloats(encodeFloats(values));
        for (const [index, value] of values.entries())
          expect(Math.abs((decoded[index] ?? 0) / value - 1)).toBeLessThan(2 ** -16);
      }),
    );
    expect([...decodeFloats(encodeFloats([Number.NaN, Infinity, -Infinity, 0, -1.5]))]).toEqual([
      Number.NaN,
      Infinity,
      -Infinity,
      0,
      -1.5,
    ]);
  });

  test("whole numbers of any size come back in order", () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (values) => {
        const writer = new WholeNumberWriter();
        for (const value of values) writer.write(value);
        const reader = new WholeNumberReader(writer.finish());
        expect(values.map(() => reader.read())).toEqual(values);
        expect(() => reader.read()).toThrow(RangeError);
      }),
    );
  });

  test("mistakes keep their labels and examples, probabilities to a 255th", () => {
    const labels = Uint16Array.of(3, 1, 4, 1);
    const trials = [
      { trial: 2, labels, mistakes: [{ example: 1, label: 1, predicted: 0, probability: 0.5 }] },
      { trial: 7, labels: labels.slice(), mistakes: [] },
    ];

    const [first, second] = decodeMistakes(encodeMistakes(trials));

    expect(first?.mistakes).toEqual([{ example: 1, label: 1, predicted: 0, probability: 128 / 255 }]);
    expect([first?.labels, second?.labels, second?.trial]).toEqual([labels, labels, 7]);
  });
});

describe("small renderings", () => {
  test("a sparkline spans the lowest to the highest value and keeps the last one", () => {
    expect(sparkline([4, 3, 2, 1, 1], 10)).toBe("█▆▃▁▁");
    expect(sparkline([1, 1], 10)).toBe("▅▅");
    expect(sparkline([], 10)).toBe("");
    expect(sparkline([Number.NaN, 2, 1], 10)).toBe("█▁");
    expect(
      sparkline(
        Array.from({ length: 100 }, (_, index) => index),
        4,
      ),
    ).toBe("▁▃▆█");
  });
});
