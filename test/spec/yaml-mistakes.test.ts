import { describe, expect, test } from "vitest";
import type { ExperimentIssue } from "../../src/spec/issue.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { takeMarks, writeExperiment } from "./written-experiment.ts";

/** A text with ▶ where the only issue must point to, and what the issue says. */
type Mistake = readonly [name: string, yaml: string, message: string, fix: string];

const mistakes: readonly Mistake[] = [
  [
    "an empty file",
    "▶",
    "the file is empty, expected an experiment",
    "write `name`, `data`, `model` and `training`; `nightsweep init` writes a commented starter",
  ],
  [
    "a file of comments",
    "▶# nothing yet\n",
    "the file is empty, expected an experiment",
    "write `name`, `data`, `model` and `training`; `nightsweep init` writes a commented starter",
  ],
  [
    "a tab as indentation",
    "name: cnn\ndata:\n▶\tdataset: mnist\n",
    "a tab is used for indentation",
    "replace the tab by spaces; YAML allows only spaces there",
  ],
  [
    "uneven indentation",
    "name: cnn\ndata:\n   dataset: mnist\n▶  subset: {}\n",
    "the indentation does not fit the lines around it",
    "indent with two spaces a level; what belongs together starts in the same column",
  ],
  ["an open bracket", "name: cnn\ndata: ▶{ dataset: mnist\nmodel: 3\n", "this { is never closed", "add the missing }"],
  ["an open list", "name: cnn\nsweep: { seeds: ▶[1, 2 }\n", "this [ is never closed", "add the missing ]"],
  ["an open quote", 'name: ▶"cnn\ndata: 3\n', 'this " is never closed', 'add the missing "'],
  [
    "a second colon in a line",
    "name: cnn\ndescription: ▶note: later\n",
    "a value is followed by another `key:`",
    'start a line of its own for it, with the right indentation; or put the text in double quotes, e.g. "text: with a colon"',
  ],
  [
    "a line without a colon",
    "name: cnn\n▶data\nmodel: 3\n",
    "this line has no `:`, or its key runs over several lines",
    "write `key: value` on one line; list entries start with `- `",
  ],
  [
    "no space after any colon",
    "▶name:cnn\ndata:mnist\n",
    'got "name:cnn data:mnist" (string), expected a map (keys: name, description, data, model, training, evaluation, sweep, resources, run, schedule, benchmark, extends)',
    "write `name: …` with a space after the colon",
  ],
  [
    "a sign that can't start a text",
    "name: ▶@cnn\n",
    "text can't start with this sign in YAML",
    "put the text in double quotes",
  ],
  [
    "a comment without a space before it",
    'name: "cnn"▶#1\n',
    "there is no space before `#`",
    "put a space before the comment; or quote the text if # belongs to it",
  ],
  [
    "an escape that does not exist",
    'name: "▶\\q"\n',
    "\\ and what follows is not an escape in double quotes",
    "write \\\\ for a backslash, or use single quotes",
  ],
  [
    "a missing comma",
    "name: cnn\nresources: { workers: ▶2 memoryMebibytes: 100 }\n",
    "a comma is missing inside { } or [ ], or an indented block stands there",
    "put commas between the entries",
  ],
  [
    "a missing comma after a list",
    "name: cnn\nsweep: { seeds: [1, 2] ▶grid: {} }\n",
    "text follows on the same line after the value has ended",
    "put a comma or a new line before it; or quote the whole text",
  ],
  [
    "a comma too many",
    "name: cnn\nsweep: { seeds: [1,▶, 2] }\n",
    "there is a comma with nothing before it",
    "remove the comma",
  ],
  [
    "a bracket too many",
    "name: cnn\nsweep: { seeds: [1, 2] }▶}\n",
    "a closing bracket has no opening one",
    "remove it, or add the opening bracket",
  ],
  [
    "a list on the line of its key",
    "name: cnn\nmodel:\n  layers: ▶- flatten\n",
    "a list starts on the line of its key",
    "start the list on a new, indented line, or write it as [a, b]",
  ],
  [
    "a second document",
    "name: cnn\n▶---\nname: mlp\n",
    "a second document starts here",
    "write one experiment a file; remove `---` and what follows",
  ],
  ["a directive", "▶%YAML 1.1\n---\nname: cnn\n", "a line that starts with % is not used here", "remove the line"],
  ["a tag", "name: ▶!text cnn\n", "tags (words after `!`) have no meaning here", "remove the tag"],
  [
    "a list as a key",
    "? ▶[a, b]\n: 3\n",
    "a key is a list, a map or has a tag; only plain names can be keys",
    "write `name: value`",
  ],
  ["two anchors at one value", "name: &a ▶&b cnn\n", "a value has two anchors (`&name`)", "remove one of the two"],
  [
    "a list at the top",
    "▶- name: cnn\n",
    "got a list of 1, expected a map (keys: name, description, data, model, training, evaluation, sweep, resources, run, schedule, benchmark, extends)",
    "write e.g. `{ name: mnist-cnn, data: { dataset: mnist }, model: { layers: [flatten, { dense: { units: 10, activation: softmax } }] }, training: { epochs: 5 } }`",
  ],
  [
    "a key that is given twice",
    writeExperiment({ training: "training:\n  epochs: 5\n  batchSize: 32\n  ▶epochs: 6" }),
    'the key "epochs" is already given in line 9',
    "remove one of the two",
  ],
  [
    "an alias without an anchor",
    writeExperiment({ training: "training:\n  epochs: 5\n  optimizer: ▶*sgd" }),
    "there is no `&sgd` before `*sgd`",
    "mark the value with `&sgd` where it is first written",
  ],
  [
    "a misspelt alias",
    writeExperiment({ training: "training:\n  epochs: &budget 5\n  batchSize: ▶*buget" }),
    "there is no `&buget` before `*buget`",
    "did you mean `*budget`?",
  ],
  [
    "an alias inside its own value",
    writeExperiment({ training: "training: &all\n  epochs: 5\n  checkpoint: ▶*all" }),
    "`*all` stands inside the value that it repeats",
    "remove it",
  ],
  [
    "a number that is merged",
    writeExperiment({ training: "training:\n  epochs: 5\n  <<: ▶3" }),
    "`<<` takes a map or a list of maps",
    "write `<<: *name`, where `&name` marks a map",
  ],
  [
    "an unknown alias that is merged, without what it would have brought",
    writeExperiment({ data: "data:\n  <<: ▶*mnist" }),
    "there is no `&mnist` before `*mnist`",
    "mark the value with `&mnist` where it is first written",
  ],
  [
    "__proto__ as a key",
    writeExperiment({ training: "training:\n  epochs: 5\n  ▶__proto__: { epochs: 6 }" }),
    "`__proto__` can't be used as a key",
    "use another name",
  ],
];

test.each(mistakes)("%s", (_, yaml, message, fix) => {
  const { text, marks } = takeMarks(yaml);

  const issues = issuesOf(text);

  expect(issues.map(({ message, fix, position }) => ({ message, fix, ...position }))).toEqual([
    { message, fix, file: "cnn.yaml", ...marks[0] },
  ]);
});

describe("hostile YAML is refused quickly, with one issue in a few words", () => {
  const laughs = Array.from({ length: 30 }, (_, level) =>
    level === 0
      ? "x0: &x0 [ha, ha]"
      : `x${level}: &x${level} [${Array(10)
          .fill(`*x${level - 1}`)
          .join(", ")}]`,
  ).join("\n");
  const aliasChain = Array.from({ length: 2000 }, (_, level) =>
    level === 0 ? "x0: &x0 [ha]" : `x${level}: &x${level} [*x${level - 1}]`,
  ).join("\n");
  const mergeChain = Array.from({ length: 2000 }, (_, level) =>
    level === 0 ? "x0: &x0 { k: 1 }" : `x${level}: &x${level} { k${level}: 1, <<: *x${level - 1} }`,
  ).join("\n");

  test.each([
    ["aliases of aliases", laughs, "yaml-too-large"],
    [
      "a long text that is repeated by aliases",
      `x: &x ${"a".repeat(100_000)}\ny: [${Array(1000).fill("*x").join(", ")}]`,
      "yaml-too-large",
    ],
    ["a chain of aliases", aliasChain, "yaml-too-deep"],
    ["a chain of merges", mergeChain, "yaml-too-large"],
    ["10,000 open lists", `x: ${"[".repeat(10_000)}`, "yaml-too-deep"],
    ["10,000 open maps", "{x: ".repeat(10_000), "yaml-too-deep"],
    ["10,000 lists in lists", "- ".repeat(10_000), "yaml-too-deep"],
    ["10,000 keys of keys", "? ".repeat(10_000), "yaml-too-deep"],
    ["more than 1 MiB", "#".repeat(1024 * 1024 + 1), "file-too-large"],
  ])("%s", (_, text, code) => {
    const start = performance.now();
    const issues = issuesOf(text);
    const seconds = (performance.now() - start) / 1000;

    expect(issues.map((issue) => issue.code)).toEqual([code]);
    expect(issues[0]?.message.length).toBeLessThan(200);
    expect(seconds).toBeLessThan(10);
  });

  test("5,000 keys that are unknown, and as many that are given twice", () => {
    const keys = Array.from({ length: 5_000 }, (_, index) => `key${index}: 1`);

    const issues = issuesOf([...keys, ...keys].join("\n"));

    expect(issues.filter(({ code }) => code === "unknown-key")).toHaveLength(5_000);
    expect(issues.filter(({ code }) => code === "duplicate-key")).toHaveLength(5_000);
  });
});

test("keys that name parts of the programming language's objects change nothing but are unknown", () => {
  const text = writeExperiment({
    sweep: 'sweep:\n  grid: { constructor: [1], "model.__proto__.x": [1], training.toString: [1] }',
    more: "hasOwnProperty: 1\n__proto__: { polluted: true }",
  });

  const issues = issuesOf(text);

  expect(issues.map(({ code, path }) => [code, path.at(-1)])).toEqual([
    ["bad-sweep-path", "constructor"],
    ["bad-sweep-path", "model.__proto__.x"],
    ["unknown-key", "training.toString"],
    ["unknown-key", "hasOwnProperty"],
    ["yaml-key", "__proto__"],
  ]);
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("Windows line ends and a byte-order mark don't move positions", () => {
  const text = `\uFEFF${writeExperiment({ data: "data: { dataset: mnsit }" }).replaceAll("\n", "\r\n")}`;

  expect(issuesOf(text).map(({ position }) => position)).toEqual([{ file: "cnn.yaml", line: 2, column: 18 }]);
});

function issuesOf(text: string): readonly ExperimentIssue[] {
  const result = parseExperiment(text, "cnn.yaml");
  return "issues" in result ? result.issues : [];
}
