import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochOrder } from "../../../trainer/data/epoch-order.ts";

const anyCount = fc.integer({ min: 0, max: 500 });
const anySeed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyEpoch = fc.nat({ max: 1000 });

describe("the order of an epoch", () => {
  test("holds every position exactly once", () => {
    fc.assert(
      fc.property(anyCount, anySeed, anyEpoch, fc.boolean(), (count, seed, epoch, shuffle) => {
        const order = epochOrder({ count, seed, epoch, shuffle });

        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, position) => position));
      }),
    );
  });

  test("is the same whenever it is drawn again", () => {
    fc.assert(
      fc.property(anyCount, anySeed, anyEpoch, (count, seed, epoch) => {
        const options = { count, seed, epoch, shuffle: true };

        expect(epochOrder(options)).toEqual(epochOrder(options));
      }),
    );
  });

  test("differs between epochs and between seeds", () => {
    const options = { count: 100, seed: 1, epoch: 0, shuffle: true };

    expect(epochOrder({ ...options, epoch: 1 })).not.toEqual(epochOrder(options));
    expect(epochOrder({ ...options, seed: 2 })).not.toEqual(epochOrder(options));
  });

  test("never changes between versions, or recorded results could not be repeated", () => {
    const order = epochOrder({ count: 10, seed: 1, epoch: 0, shuffle: true });

    // As first drawn: a change of these numbers changes every result and needs a new results version.
    expect([...order]).toEqual([7, 5, 6, 0, 2, 9, 4, 1, 8, 3]);
  });

  test("is the file's when nothing is shuffled", () => {
    expect([...epochOrder({ count: 5, seed: 1, epoch: 3, shuffle: false })]).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("the order through a shuffle buffer", () => {
  const anyBuffer = fc.integer({ min: 1, max: 600 });
  const ordered = (count: number, buffer: number, seed = 1, epoch = 0): readonly number[] => [
    ...epochOrder({ count, seed, epoch, shuffle: { buffer } }),
  ];

  test("holds every position exactly once", () => {
    fc.assert(
      fc.property(anyCount, anySeed, anyEpoch, anyBuffer, (count, seed, epoch, buffer) => {
        const order = [...ordered(count, buffer, seed, epoch)];

        expect(order.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, position) => position));
      }),
    );
  });

  test("gives no example before the buffer has reached it", () => {
    fc.assert(
      fc.property(anyCount, anySeed, anyBuffer, (count, seed, buffer) => {
        expect(ordered(count, buffer, seed).every((position, place) => position < place + buffer)).toBe(true);
      }),
    );
  });

  test("is the file's with a buffer of one", () => {
    expect(ordered(5, 1)).toEqual([0, 1, 2, 3, 4]);
  });

  test("gives every example of a whole buffer the same chance to be first", () => {
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 4000; seed++) {
      const first = ordered(4, 100, seed)[0] ?? 0;
      counts[first] = (counts[first] ?? 0) + 1;
    }

    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("gives the first of many with probability 1 / buffer, as tf.data does", () => {
    let first = 0;
    for (let seed = 0; seed < 4000; seed++) if (ordered(50, 10, seed)[0] === 0) first++;

    expect(Math.abs(first - 400)).toBeLessThan(80);
  });

  test("differs between epochs", () => {
    expect(ordered(100, 10, 1, 1)).not.toEqual(ordered(100, 10, 1, 0));
  });
});
