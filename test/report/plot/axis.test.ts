import fc from "fast-check";
import { expect, test } from "vitest";
import { linearAxis, logarithmicAxis, positionOn } from "../../../src/report/plot/axis.ts";

test("accuracies from 80.7 to 97.2 % are marked every 5 %", () => {
  const { ticks } = linearAxis("accuracy", [0.807, 0.972], { isPercent: true });

  expect(ticks.map(({ label }) => label)).toEqual(["80", "85", "90", "95", "100"]);
});

test("differences about zero have a true minus sign and no minus zero", () => {
  expect(linearAxis("d", [-0.2, 0.2]).ticks.map(({ label }) => label)).toEqual(["−0.2", "−0.1", "0.0", "0.1", "0.2"]);
});

test("learning rates are marked by powers of ten", () => {
  const { ticks } = logarithmicAxis("learning rate", [1e-5, 1e-1]);

  expect(ticks.map(({ label }) => label)).toEqual(["1e−5", "0.0001", "0.001", "0.01", "0.1"]);
});

test("a linear axis holds all of its values between round numbers, marked two to eight times", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
      const axis = linearAxis("x", values);
      for (const each of values) {
        const position = positionOn(axis, each);
        expect(position).toBeGreaterThan(-1e-6);
        expect(position).toBeLessThan(1 + 1e-6);
      }
      expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
      expect(axis.ticks.length).toBeLessThanOrEqual(8);
      expect(new Set(axis.ticks.map(({ label }) => label)).size).toBe(axis.ticks.length);
    }),
  );
});

test("a logarithmic axis about a value between two marks reaches one of them", () => {
  expect(logarithmicAxis("x", [0.000003000000003]).ticks).toEqual([{ value: 0.000002, label: "2e−6" }]);
  expect(logarithmicAxis("x", [2.42, 3.87]).ticks.map(({ value }) => value)).toEqual([2, 5]);
});

test("a logarithmic axis holds all of its values and has at least one mark", () => {
  const value = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
      const axis = logarithmicAxis("x", values);
      for (const each of values) {
        expect(positionOn(axis, each)).toBeGreaterThan(0);
        expect(positionOn(axis, each)).toBeLessThan(1);
      }
      expect(axis.ticks.length).toBeGreaterThanOrEqual(1);
    }),
  );
});
