import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { exampleOf, renderInline } from "../../src/spec/example.ts";
import { descend, fieldsOf, layerExpectations, placeOfExperiment, type Place } from "../../src/spec/expectation.ts";
import { formatPath } from "../../src/spec/issue.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { parseSection } from "../../src/spec/parse-section.ts";
import { setAtPath } from "../../src/spec/sweep-path.ts";

const whole = exampleOf(placeOfExperiment({}).expected ?? {});

/** Every place of the language outside lists. */
function placesBelow(place: Place): readonly Place[] {
  return fieldsOf(place.expected ?? {}).flatMap((field) => {
    const below = descend(place, [field]);
    return [below, ...placesBelow(below)];
  });
}

describe("what is advised", () => {
  test("as a whole experiment is one", () => {
    const result = parseExperiment(renderInline(whole), "example.yaml");

    expect("issues" in result && result.issues).toBe(false);
  });

  test.each([...layerExpectations().keys()])("as a layer %s is one", (type) => {
    const result = parseSection("model", { layers: [{ [type]: exampleOf(layerExpectations().get(type) ?? {}) }] });

    expect("issues" in result && result.issues).toBe(false);
  });

  test("covers the whole language outside layers", () => {
    expect(places.length).toBeGreaterThan(40);
  });

  const places = placesBelow(placeOfExperiment({})).map((place) => [formatPath(place.path), place] as const);
  test.each(places)("for %s is a value that may stand there", (_, { path, expected = {} }) => {
    const changed = setAtPath(parse(renderInline(whole)), path, parse(renderInline(exampleOf(expected))));
    const document = "document" in changed ? changed.document : {};

    const result = parseExperiment(JSON.stringify(document), "example.yaml");

    const aboutValue = ("issues" in result ? result.issues : []).filter(
      (issue) => formatPath(issue.path) === formatPath(path) && /^(wrong|out|missing)-/.test(issue.code),
    );
    expect(aboutValue).toEqual([]);
  });
});

test.each([
  [{ units: 128, activation: "relu" }, "{ units: 128, activation: relu }"],
  [["yes", "true", "1", "", "a b", "x: y", ".5"], '[yes, "true", "1", "", "a b", "x: y", ".5"]'],
  [{}, "{}"],
  [[], "[]"],
  [{ a: null }, "{ a: null }"],
])("%j is written in one line as YAML that reads back as the same", (value, text) => {
  expect(renderInline(value)).toBe(text);
  expect(parse(text)).toEqual(value);
});
