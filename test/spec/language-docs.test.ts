import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fieldsOf, descend, placeOfExperiment, type Place } from "../../src/spec/expectation.ts";
import { formatPath, type DocumentPath } from "../../src/spec/issue.ts";
import { docsAnchor } from "../../src/spec/language-docs/docs-anchor.ts";
import { renderLanguageDocs } from "../../src/spec/language-docs/render-language-docs.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { readYaml } from "../../src/spec/read-yaml.ts";
import { writeExperiment } from "./written-experiment.ts";

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const written = renderLanguageDocs();
const anchors = [...written.matchAll(/<a id="([^"]*)">/g)].map((match) => match[1] ?? "");
const everything = readYaml(read("test/fixtures/spec/everything.yaml"), "everything.yaml").content?.value;

function* pathsIn(value: unknown, at: DocumentPath = []): Generator<DocumentPath> {
  yield at;
  if (typeof value !== "object" || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, child] of entries) yield* pathsIn(child, [...at, key]);
}

function placesBelow(place: Place): readonly Place[] {
  return fieldsOf(place.expected ?? {}).flatMap((field) => {
    const below = descend(place, [field]);
    return [below, ...placesBelow(below)];
  });
}

/** Where the documentation tells of the first mistake in an experiment. */
function docsOf(sections: Readonly<Record<string, string>>): string | undefined {
  const result = parseExperiment(writeExperiment(sections), "cnn.yaml");
  return "issues" in result ? result.issues[0]?.docs : undefined;
}

describe("docs/language.md", () => {
  test("is what the schemas say (`npm run docs` writes it)", () => {
    expect(read("docs/language.md")).toBe(written);
  });

  test("has every anchor once, and no link that leads nowhere", () => {
    const links = [...written.matchAll(/\]\(#([^)]*)\)/g)].map((match) => match[1] ?? "");

    expect(anchors.length).toBeGreaterThan(60);
    expect(anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index)).toEqual([]);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });

  test("keeps the anchors that are written elsewhere", () => {
    const stable = [
      "model-layers-conv2d-filters",
      "training-optimizer-adam-learningrate",
      "training-epochs",
      "sweep-seeds",
    ];

    expect(anchors).toEqual(expect.arrayContaining(stable));
  });

  test("tells value, default, meaning and example of a field", () => {
    const rowOf = (anchor: string) => written.split("\n").find((line) => line.includes(`<a id="${anchor}">`));

    expect(rowOf("model-layers-conv2d-filters")).toMatch(
      /`filters` \| a whole number ≥ 1 \| \*\*required\*\* \| Number of output channels\. Example: `filters: 16` \|$/,
    );
    expect(rowOf("training-optimizer-sgd-learningrate")).toContain("| `0.01` |");
  });

  test("describes every field that has a description", () => {
    const descriptions = placesBelow(placeOfExperiment({})).flatMap(({ expected }) => expected?.description ?? []);
    const text = written.replaceAll("&lt;", "<").replaceAll(String.raw`\|`, "|");

    expect(descriptions.filter((description) => !text.includes(description))).toEqual([]);
  });
});

describe("the anchor of a place", () => {
  test.each([...pathsIn(everything)].map((path) => [formatPath(path), path] as const))("%s is there", (_, path) => {
    expect(anchors).toContain(docsAnchor(placeOfExperiment(everything), path));
  });

  test("is that of the alternative that the value is", () => {
    const from = placeOfExperiment({ training: { optimizer: { type: "sgd" } } });

    expect(docsAnchor(from, ["training", "optimizer", "learningRate"])).toBe("training-optimizer-sgd-learningrate");
    expect(docsAnchor(placeOfExperiment({}), ["training", "optimizer", "learningRate"])).not.toContain("sgd");
  });

  test("is the same for a layer at any depth", () => {
    const layers = [{ repeat: { times: 2, layers: [{ dense: { units: 1 } }] } }];
    const path = ["model", "layers", 0, "repeat", "layers", 0, "dense", "units"];

    expect(docsAnchor(placeOfExperiment({ model: { layers } }), path)).toBe("model-layers-dense-units");
  });
});

describe("an issue says where the documentation tells of", () => {
  test.each([
    ["a wrong value", { training: "training: { epochs: many }" }, "training-epochs"],
    ["a missing field", { model: "model: { layers: [dropout: {}] }" }, "model-layers-dropout-rate"],
    ["the map of an unknown key", { training: "training: { epochs: 1, lr: 1 }" }, "training"],
    ["the list of layers for an unknown layer", { model: "model: { layers: [nonsense: {}] }" }, "model-layers"],
    ["the sections of a file for an unknown one", { zoo: "zoo: 1" }, "the-file"],
  ])("%s", (_, sections, anchor) => {
    expect(docsOf(sections)).toBe(`docs/language.md#${anchor}`);
  });
});
