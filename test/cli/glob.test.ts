import { describe, expect, test } from "vitest";
import { globFolder, isGlob, matchGlob } from "../../src/cli/glob.ts";

describe("a pattern", () => {
  test.each([
    ["a/*.yaml", "a/b.yaml", true],
    ["a/*.yaml", "a/c/b.yaml", false],
    ["a/*.yaml", "a/.b.yaml", false],
    ["./a/*.yaml", "a/b.yaml", true],
    ["**/*.yaml", "b.yaml", true],
    ["**/*.yaml", "a/c/b.yaml", true],
    ["**/*.yaml", "a/.hidden/b.yaml", false],
    ["a/**/b.yaml", "a/b.yaml", true],
    ["a/?.yaml", "a/bb.yaml", false],
    ["a/{b,c*}.{yaml,yml}", "a/cc.yml", true],
    ["a/{b,c}.yaml", "a/d.yaml", false],
    ["a+(b)/*.yaml", "a+(b)/c.yaml", true],
  ])("%s and the path %s: %s", (pattern, file, isMatch) => {
    expect(matchGlob(pattern)(file)).toBe(isMatch);
  });

  test("is told from a path, and starts in the folder above its first sign", () => {
    expect([isGlob("a/b.yaml"), isGlob("a/*.yaml")]).toEqual([false, true]);
    expect(["a/b/*.yaml", "*.yaml", "/x/**/a.yaml", "/*.yaml"].map(globFolder)).toEqual(["a/b", ".", "/x", "/"]);
  });
});
