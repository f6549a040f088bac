import type { DrawnField, Sampler } from "../spec/sweep/read-draws.ts";
import { scrambledHalton } from "./halton.ts";
import { randomPurposes, randomStream } from "./random.ts";
import { shiftedSobol } from "./sobol.ts";

/** The number of the point at an index, in [0, 1). */
type Sequence = (index: number) => number;

/**
 * Draws the points of a sweep. The point at an index depends only on method, seed, index and field: more points leave
 * the first ones as they are. Fields of `random` are told apart by their paths, those of `quasiRandom` by their number
 * in the order of the paths.
 */
export const drawSweep: Sampler = ({ method, count, seed, fields }) => {
  const sequences = fields.map((field, dimension): Sequence => {
    switch (method) {
      case "random":
        return independent(seed, field);
      case "halton":
        return scrambledHalton(seed, dimension);
      case "sobol":
        return shiftedSobol(seed, dimension);
      default:
        throw new Error(`unknown method ${String(method satisfies never)}`);
    }
  });
  return Array.from({ length: count }, (_, index) => sequences.map((sequence) => sequence(index)));
};

function independent(seed: number, { text }: DrawnField): Sequence {
  const key = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const stream = randomStream(seed, randomPurposes.sweepDraw, ...key);
  return (index) => stream.wordAt(index) / 2 ** 32;
}
