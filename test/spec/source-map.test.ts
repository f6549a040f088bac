import { describe, expect, test } from "vitest";
import type { DocumentPath } from "../../src/spec/issue.ts";
import { locateIssues } from "../../src/spec/locate-issues.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import type { SourceMap } from "../../src/spec/source-map.ts";
import { takeMarks, writeExperiment, type Mark } from "./written-experiment.ts";

/** The source map of a valid experiment that has marks ▶ in it, and where they stood. */
function readMarked(changed: Readonly<Record<string, string>>): { source: SourceMap; marks: readonly Mark[] } {
  const { text, marks } = takeMarks(writeExperiment(changed));
  const result = parseExperiment(text, "cnn.yaml");
  if ("issues" in result) throw new Error(JSON.stringify(result.issues));
  return { source: result.source, marks };
}

function locate(source: SourceMap, path: DocumentPath): Mark {
  const { line, column } = source.locate(path);
  return { line, column };
}

describe("the position of a value", () => {
  test("is where it starts", () => {
    const { source, marks } = readMarked({ training: "training:\n  ▶epochs: ▶5\n  optimizer: ▶{ type: ▶sgd }" });

    expect(locate(source, ["training"])).toEqual(marks[0]);
    expect(locate(source, ["training", "epochs"])).toEqual(marks[1]);
    expect(locate(source, ["training", "optimizer"])).toEqual(marks[2]);
    expect(locate(source, ["training", "optimizer", "type"])).toEqual(marks[3]);
  });

  test("in a list is where the entry starts", () => {
    const { source, marks } = readMarked({ model: "model:\n  layers:\n    - ▶flatten\n    - ▶dense: { units: ▶10 }" });

    expect(locate(source, ["model", "layers", 0])).toEqual(marks[0]);
    expect(locate(source, ["model", "layers", 1])).toEqual(marks[1]);
    expect(locate(source, ["model", "layers", 1, "dense", "units"])).toEqual(marks[2]);
  });

  test("that is an alias is where the alias stands, and inside it where the value was first written", () => {
    const { source, marks } = readMarked({
      model: "model:\n  layers:\n    - dense: &hidden { units: ▶64 }\n    - dense: ▶*hidden",
    });

    expect(locate(source, ["model", "layers", 1, "dense"])).toEqual(marks[1]);
    expect(locate(source, ["model", "layers", 1, "dense", "units"])).toEqual(marks[0]);
  });

  test("that was merged is where it was first written, that overrides a merged one where it stands", () => {
    const { source, marks } = readMarked({
      model:
        "model:\n  layers:\n    - dense: &hidden { units: ▶64, activation: relu }\n    - dense: { <<: *hidden, activation: ▶tanh }",
    });

    expect(locate(source, ["model", "layers", 1, "dense", "units"])).toEqual(marks[0]);
    expect(locate(source, ["model", "layers", 1, "dense", "activation"])).toEqual(marks[1]);
  });

  test("that does not exist is the key of the nearest that does", () => {
    const { source, marks } = readMarked({ training: "▶training:\n  epochs: 5\n  ▶optimizer: { type: sgd }" });

    expect(locate(source, ["training", "loss", "fromLogits"])).toEqual(marks[0]);
    expect(locate(source, ["training", "optimizer", "momentum"])).toEqual(marks[1]);
    expect(locate(source, ["nothing"])).toEqual({ line: 1, column: 1 });
  });

  test("of a swept field is in the grid, under the whole path as one key", () => {
    const { source, marks } = readMarked({
      sweep: "sweep:\n  grid:\n    training.optimizer: [{ type: sgd }, { type: ▶adam }]",
    });

    expect(locate(source, ["sweep", "grid", "training.optimizer", 1, "type"])).toEqual(marks[0]);
  });
});

describe("locating issues", () => {
  const issue = (code: string, path: DocumentPath) => ({ code, path, message: "wrong", fix: "mend it" });

  test("puts them in the order of the file, those about keys at the key", () => {
    const { source, marks } = readMarked({
      training: "training:\n  epochs: ▶5",
      sweep: "sweep:\n  grid:\n    ▶training.batchSize: [▶32]",
    });

    const located = locateIssues(
      [
        issue("wrong-value", ["sweep", "grid", "training.batchSize", 0]),
        issue("unknown-key", ["sweep", "grid", "training.batchSize"]),
        issue("wrong-value", ["training", "epochs"]),
      ],
      source,
    );

    expect(located.map(({ position }) => position)).toEqual(marks.map((mark) => ({ file: "cnn.yaml", ...mark })));
  });

  test("tells once what is wrong with a value that several aliases use", () => {
    const { source } = readMarked({
      model: "model:\n  layers:\n    - dense: &hidden { units: 64 }\n    - dense: *hidden",
    });

    const located = locateIssues(
      [0, 1].map((index) => issue("wrong-value", ["model", "layers", index, "dense", "units"])),
      source,
    );

    expect(located).toHaveLength(1);
  });

  test("keeps a position that an issue already has", () => {
    const { source } = readMarked({});
    const position = { file: "other.yaml", line: 7, column: 3 };

    expect(locateIssues([{ ...issue("wrong-value", []), position }], source)[0]?.position).toEqual(position);
  });
});
