import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPath } from "../../src/spec/issue.ts";
import { parseSweepPath, readAtPath, setAtPath } from "../../src/spec/sweep-path.ts";

const document = {
  model: { layers: [{ dense: { units: 8 } }, "flatten"] },
  training: { epochs: 5, checkpoint: null },
};

describe("a path", () => {
  test("has keys with dots between them and list indexes in brackets", () => {
    expect(parseSweepPath("model.layers[2].conv2d.filters")).toEqual({
      path: ["model", "layers", 2, "conv2d", "filters"],
    });
    expect(parseSweepPath("model")).toEqual({ path: ["model"] });
    expect(parseSweepPath("a[0][12].b_c-d")).toEqual({ path: ["a", 0, 12, "b_c-d"] });
  });

  test.each([
    ["", "the path is empty"],
    ["[0].a", '"[0].a" is not part of a path'],
    ["a..b", '"..b" is not part of a path'],
    ["a.", '"." is not part of a path'],
    ["a.2", '".2" is not part of a path'],
    ["a[-1]", '"[-1]" is not part of a path'],
    ["a[x]", '"[x]" is not part of a path'],
    ["a b", '" b" is not part of a path'],
    ["a.__proto__.b", "`__proto__` is not a field"],
  ])("is not %j", (text, problem) => {
    const parsed = parseSweepPath(text);

    expect("problem" in parsed && parsed.problem).toContain(problem);
  });

  test("that was written from keys and indexes is read back as the same", () => {
    const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,10}$/).filter((text) => text !== "__proto__");
    const path = fc.tuple(key, fc.array(fc.oneof(key, fc.nat(999)))).map(([first, rest]) => [first, ...rest]);

    fc.assert(
      fc.property(path, (path) => {
        expect(parseSweepPath(formatPath(path))).toEqual({ path });
      }),
    );
  });

  test("is read or refused, and what is read is what was written", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "[", "]", "0", "7", " ", "-", "é"), maxLength: 12 });

    fc.assert(
      fc.property(text, (text) => {
        const parsed = parseSweepPath(text);

        if ("path" in parsed) expect(formatPath(parsed.path)).toBe(text);
        else expect(parsed.problem).not.toBe("");
      }),
    );
  });
});

describe("setting a value", () => {
  test("gives a changed copy that shares what is unchanged", () => {
    const changed = setAtPath(document, ["model", "layers", 0, "dense", "units"], 16);

    expect(changed).toEqual({
      document: { ...document, model: { layers: [{ dense: { units: 16 } }, "flatten"] } },
    });
    expect(readAtPath(changed, ["document", "training"])).toBe(document.training);
    expect(document.model.layers[0]).toEqual({ dense: { units: 8 } });
  });

  test("creates the maps that are missing or empty", () => {
    expect(setAtPath(document, ["training", "optimizer", "type"], "sgd")).toEqual({
      document: { ...document, training: { ...document.training, optimizer: { type: "sgd" } } },
    });
    expect(setAtPath(document, ["training", "checkpoint", "keep"], 3)).toEqual({
      document: { ...document, training: { epochs: 5, checkpoint: { keep: 3 } } },
    });
  });

  test.each([
    [["training", "epochs", "x"], "`training.epochs` is 5, not a map; it has no field `x`"],
    [["model", "layers", 1, "x"], '`model.layers[1]` is "flatten", not a map; it has no field `x`'],
    [["model", "layers", 2], "`model.layers` has 2 entries, there is no [2] (the first is [0])"],
    [["model", "layers", "dense"], "`model.layers` is a list; choose an entry, e.g. `model.layers[0]`"],
    [["training", 0], "`training` is not a list, it has no entry [0]"],
    [["sweep", 0], "`sweep` is not a list, it has no entry [0]"],
  ])("is refused at %j", (path, problem) => {
    expect(setAtPath(document, path, 1)).toEqual({ problem });
  });

  test("can be read back, and changes nothing else", () => {
    const path = fc.array(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 4 });

    fc.assert(
      fc.property(path, path, fc.integer(), (first, second, value) => {
        const before = setAtPath({}, first, 0);
        const after = "document" in before ? setAtPath(before.document, second, value) : before;
        if (!("document" in after)) return;

        expect(readAtPath(after.document, second)).toBe(value);
        if (first[0] !== second[0]) expect(readAtPath(after.document, first)).toBe(0);
      }),
    );
  });
});

test("nothing is read past what is there", () => {
  expect(readAtPath(document, ["training", "epochs"])).toBe(5);
  expect(readAtPath(document, ["training", "epochs", "x"])).toBeUndefined();
  expect(readAtPath(document, ["model", "layers", "length"])).toBeUndefined();
  expect(readAtPath(document, ["toString"])).toBeUndefined();
});
