import { describe, expect, test } from "vitest";
import { duration, grouped, mebibytes, percent, pText, pValue, short } from "../../src/report/number-formats.ts";

describe("numbers as people read them", () => {
  test.each([
    [0, "0"],
    [999, "999"],
    [206_922, "206\u202f922"],
    [-1_234_567, "-1\u202f234\u202f567"],
    [NaN, "NaN"],
  ])("%d is grouped as %s", (value, text) => {
    expect(grouped(value)).toBe(text);
  });

  test.each([
    [0.84, "0.8 s"],
    [9.96, "10 s"],
    [59.6, "1 min 0 s"],
    [200, "3 min 20 s"],
    [3599.7, "1 h 0 min"],
    [7_500, "2 h 5 min"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  test("a share is a percentage with two decimals", () => {
    expect(percent(0.98104)).toBe("98.10 %");
  });

  test("bytes are whole mebibytes", () => {
    expect(mebibytes(2 ** 30 + 2 ** 20)).toBe("1\u202f025 MiB");
  });

  test("a number of unknown size has four significant digits", () => {
    expect(short(0.000123456)).toBe("0.0001235");
    expect(short(12345)).toBe("12345");
  });

  test.each([
    [1, "1", "p = 1"],
    [0.04321, "0.043", "p = 0.043"],
    [0.0001, "0.0001", "p = 0.0001"],
    [0.00004, "< 0.0001", "p < 0.0001"],
    [0, "< 0.0001", "p < 0.0001"],
  ])("the p value %d is %s", (p, value, text) => {
    expect(pValue(p)).toBe(value);
    expect(pText(p)).toBe(text);
  });
});
