import { describe, expect, test } from "vitest";
import { drawSweep } from "../../src/plan/draw-sweep.ts";
import { radicalInverse, scrambledHalton } from "../../src/plan/halton.ts";
import { shiftedSobol, sobolSequence } from "../../src/plan/sobol.ts";

describe("the Sobol sequence", () => {
  // scipy 1.17.1: qmc.Sobol(21, scramble=False, bits=32), point 1000 × 2^32. All of the first 1024 points are equal.
  test("is that of Joe and Kuo in all 21 dimensions", () => {
    const point = Array.from({ length: 21 }, (_, dimension) => sobolSequence(dimension)(1000));

    expect(point).toEqual([
      943718400, 415236096, 2227175424, 2906652672, 1203765248, 3896508416, 197132288, 3862953984, 2151677952,
      297795584, 364904448, 1094713344, 692060160, 1648361472, 616562688, 1589641216, 3091202048, 1480589312,
      4257218560, 3116367872, 2243952640,
    ]);
  });

  test.each([0, 1, 20])("puts one of 64 points into each 64th of dimension %i, whatever the seed", (dimension) => {
    for (const seed of [0, 1, 12345]) {
      const sequence = shiftedSobol(seed, dimension);
      const cells = new Set(Array.from({ length: 64 }, (_, index) => Math.floor(sequence(index) * 64)));

      expect(cells.size).toBe(64);
    }
  });

  test("has no more than 21 dimensions", () => {
    expect(() => sobolSequence(21)).toThrow(RangeError);
  });
});

describe("the Halton sequence", () => {
  // scipy 1.17.1: qmc.Halton(50, scramble=False); the first 300 points are equal to the last bit.
  test("mirrors the digits of the index", () => {
    const plain = (digit: number) => digit;

    expect([0, 1, 2, 3, 6].map((index) => radicalInverse(2, index, plain))).toEqual([0, 0.5, 0.25, 0.75, 0.375]);
    expect(radicalInverse(3, 5, plain)).toBeCloseTo(2 / 3 + 1 / 9, 15);
  });

  test.each([
    [0, 2],
    [1, 3],
    [9, 29],
  ])("puts one of b² points into each b²-th of dimension %i with base b = %i, whatever the seed", (dimension, base) => {
    for (const seed of [0, 7]) {
      const sequence = scrambledHalton(seed, dimension);
      const cells = new Set(Array.from({ length: base ** 2 }, (_, i) => Math.floor(sequence(i) * base ** 2 + 1e-9)));

      expect(cells.size).toBe(base ** 2);
    }
  });

  test("has no more than 50 dimensions", () => {
    expect(() => scrambledHalton(0, 50)).toThrow(RangeError);
  });
});

// Made by this code once it had been checked against scipy: other numbers mean other ids for drawn configurations.
test("the scrambled points are pinned", () => {
  expect([0, 1, 2].map((index) => shiftedSobol(7, 0)(index))).toEqual([
    0.7008026966359466, 0.20080269663594663, 0.45080269663594663,
  ]);
  expect([0, 1, 2].map((index) => scrambledHalton(7, 2)(index))).toEqual([
    0.38437054431232, 0.18437054431231995, 0.5843705443123202,
  ]);
});

test("random points are pinned", () => {
  const fields = [{ text: "training.batchSize", place: [], isDrawn: true, choiceCount: 0, draw: neverDraws }];

  const rows = drawSweep({ method: "random", count: 3, seed: 7, fields });

  expect(rows.flat().map((value) => value * 2 ** 32)).toEqual([1057118730, 2142728277, 3638476749]);
});

function neverDraws(): never {
  throw new Error("not used here");
}
