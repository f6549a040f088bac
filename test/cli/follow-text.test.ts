import { describe, expect, test } from "vitest";
import { FollowedText, lastLinesOf, prefixLines } from "../../src/cli/follow-text.ts";

const more = { isLast: false };
const last = { isLast: true };

describe("a text that is followed", () => {
  test("gives whole lines once, and the rest at the end", () => {
    const text = new FollowedText();

    expect(text.read("one\ntw", more)).toBe("one\n");
    expect(text.read("one\ntwo\n", more)).toBe("two\n");
    expect(text.read("one\ntwo\nthree", more)).toBe("");
    expect(text.read("one\ntwo\nthree", last)).toBe("three");
  });

  test("goes on where it was when the middle was left out", () => {
    const text = new FollowedText();
    text.read("head\n1\n2\n", more);

    expect(text.read("head\n1\n2\n3\n", more)).toBe("3\n");
    expect(text.read("he\n… left out …\nhead\n1\n2\n3\n4\n", more)).toBe("4\n");
  });

  test("says that lines are missing when it can't tell where it was", () => {
    const text = new FollowedText();
    text.read("one\n", more);

    expect(text.read("other\n", more)).toBe("… part of the log was left out …\nother\n");
  });
});

test("the last lines of a text are counted with or without a line end", () => {
  expect(lastLinesOf("a\nb\nc\n", 2)).toBe("b\nc\n");
  expect(lastLinesOf("a\nb\nc", 2)).toBe("b\nc");
  expect(lastLinesOf("a\n", 5)).toBe("a\n");
});

test("every line gets the prefix, empty ones too", () => {
  expect(prefixLines("a\n\nb", "> ")).toBe("> a\n> \n> b");
});
