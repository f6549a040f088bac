import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/plan/random.ts";
import { locateIssues } from "../../src/spec/locate-issues.ts";
import type { ExperimentIssue } from "../../src/spec/issue.ts";
import { plan } from "../plan/experiment-of.ts";
import { compose } from "./composed-experiment.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/spec/sweeps/${name}`, import.meta.url), "utf8").trimEnd();
const good = { "sweep.yaml": fixture("sweep.yaml"), "base.yaml": fixture("base.yaml") };
type FileName = keyof typeof good;

/** Draws whole numbers below a bound; the same numbers in every run of the test. */
type Draw = (bound: number) => number;

interface Line {
  readonly file: FileName;
  readonly index: number;
  /** Everything before the key: indentation and list sign. */
  readonly lead: string;
  readonly key: string;
  readonly value: string;
}

const fileNames: readonly FileName[] = ["sweep.yaml", "base.yaml"];
const lines = fileNames.flatMap((file) =>
  good[file].split("\n").flatMap((text, index): readonly Line[] => {
    const [, lead, key, value] = /^(\s*(?:- )?)([\w.[\]">]+):\s*(.*)$/.exec(text) ?? [];
    if (lead === undefined || key === undefined || value === undefined) return [];
    return [{ file, index, lead, key, value }];
  }),
);

function replace({ file, index }: Line, ...texts: readonly string[]): typeof good {
  return {
    ...good,
    [file]: good[file]
      .split("\n")
      .toSpliced(index, 1, ...texts)
      .join("\n"),
  };
}

function pick<T>(values: readonly T[], draw: Draw): T {
  const value = values[draw(values.length)];
  if (value === undefined) throw new RangeError("nothing to pick from");
  return value;
}

const where = (test: (line: Line) => boolean) => lines.filter(test);
const isPath = ({ key }: Line) => /^(training|evaluation|model)\./.test(key);
/** What an exclusion compares with may be any number: the draws that fulfil it may only come with another seed. */
const excluded = where(
  ({ file, index }) => file === "sweep.yaml" && index >= good[file].split("\n").indexOf("  exclude:"),
);
const scalars = where(({ value, key }) => value !== "" && !/^[&*[]/.test(value) && key !== "description");
const lists = where(({ value }) => value.startsWith("["));
const positive = where(
  (line) =>
    /^(count|maxTrials|seeds|step|epochs|batchSize|training\.batchSize|kernelSize)$/.test(line.key) &&
    !excluded.includes(line),
);

/** One letter lost, doubled, or exchanged with its neighbour. */
function misspell(key: string, draw: Draw): string {
  const at = draw(key.length - 1);
  const [letter = "", next = ""] = key.slice(at, at + 2);
  const slip = draw(3) === 2 && letter !== next ? next + letter : pick([next, letter + letter + next], draw);
  return key.slice(0, at) + slip + key.slice(at + 2);
}

/** Ways to break the good files; each result means nothing valid, or the same as before. */
const mutators: Readonly<Record<string, (draw: Draw) => typeof good>> = {
  "a misspelt key": (draw) => {
    const line = pick(
      where(({ key }) => key !== '">"' && !key.startsWith("x-")),
      draw,
    );
    return replace(line, `${line.lead}${misspell(line.key, draw)}: ${line.value}`);
  },
  "a value of another kind": (draw) => {
    const line = pick(
      where(({ value }) => value !== "" && !value.startsWith("&")),
      draw,
    );
    return replace(line, `${line.lead}${line.key}: ${pick(["{ x: 1 }", ".nan", "[[]]", "{ uniform: [0, 1] }"], draw)}`);
  },
  "a word that is not known": (draw) => {
    const line = pick(
      scalars.filter(({ key }) => key !== "name"),
      draw,
    );
    return replace(line, `${line.lead}${line.key}: ${pick(["nonsense", "'1'", "yes", "Adam2"], draw)}`);
  },
  "a number below its range": (draw) => {
    const line = pick(positive, draw);
    return replace(line, `${line.lead}${line.key}: ${pick(["0", "-1", "-0.5"], draw)}`);
  },
  "a path into nothing": (draw) => {
    const line = pick(where(isPath), draw);
    const path = pick(
      [`${line.key}.deeper`, line.key.replace(/\.\w+$/, ""), `trial.${line.key}`, `${line.key}[0]`],
      draw,
    );
    return replace(line, `${line.lead}${path}: ${line.value}`);
  },
  "a list that is none, or is empty": (draw) => {
    const line = pick(lists, draw);
    const [first = ""] = line.value.slice(1, -1).split(",");
    return replace(
      line,
      `${line.lead}${line.key}: ${pick([first, "[]", line.value.slice(0, -1), `${line.value}]`], draw)}`,
    );
  },
  "a key given twice": (draw) => {
    const line = pick(
      scalars.filter(({ lead }) => !lead.includes("-")),
      draw,
    );
    const text = `${line.lead}${line.key}: ${line.value}`;
    return replace(line, text, text);
  },
  "a line that is indented differently": (draw) => {
    const line = pick(
      where(({ lead }) => lead.length >= 2),
      draw,
    );
    const lead = draw(2) === 0 ? `  ${line.lead}` : line.lead.slice(2);
    return replace(line, `${lead}${line.key}: ${line.value}`);
  },
  "a sign that is lost": (draw) => {
    const line = pick(
      where(({ value }) => value !== ""),
      draw,
    );
    return replace(
      line,
      pick([`${line.lead}${line.key} ${line.value}`, `${line.lead}${line.key}: "${line.value}`], draw),
    );
  },
  "a reference that leads nowhere": (draw) =>
    pick(
      [
        { ...good, "sweep.yaml": good["sweep.yaml"].replace("extends: base", `extends: ${misspell("base", draw)}`) },
        { ...good, "sweep.yaml": good["sweep.yaml"].replace("extends: base.yaml", "extends: ../../base.yaml") },
        { ...good, "base.yaml": good["base.yaml"].replace("*sgd", `*${misspell("sgd", draw)}`) },
        { ...good, "base.yaml": `extends: sweep.yaml\n${good["base.yaml"]}` },
        { ...good, "base.yaml": good["base.yaml"].replace("&sgd", `&${misspell("sgd", draw)}`) },
      ],
      draw,
    ),
};

async function check(files: typeof good) {
  const { result } = await compose(files);
  if ("issues" in result) return { issues: result.issues, document: undefined };
  const planned = plan(result.experiment);
  const issues: readonly ExperimentIssue[] = "issues" in planned ? locateIssues(planned.issues, result.source) : [];
  return { issues, document: result.experiment.document };
}

test("the files that mutations start from are valid", async () => {
  expect((await check(good)).issues).toEqual([]);
});

describe.each(Object.entries(mutators))("%s", (name, mutate) => {
  const stream = randomStream(20_261, name.length);
  let position = 0;
  const draw: Draw = (bound) => Math.floor(stream.uniformAt(position++) * bound);
  const mutations = Array.from({ length: 40 }, () => mutate(draw));

  test("is always found, and each issue says where and how to mend it", async () => {
    const { document } = await check(good);
    for (const files of mutations) {
      const found = await check(files);

      const context = diff(files);
      if (found.issues.length === 0) expect(found.document, context).toEqual(document);
      for (const { message, fix, position } of found.issues) {
        expect(message, context).not.toMatch(/^$|undefined|\[object/);
        expect(fix, context).not.toMatch(/^$|undefined|\[object/);
        expect(position?.file, context).toMatch(/(sweep|base)\.yaml$/);
        expect(position?.line, context).toBeGreaterThanOrEqual(1);
        expect(position?.column, context).toBeGreaterThanOrEqual(1);
      }
    }
  });
});

/** The lines that were changed. */
function diff(files: typeof good): string {
  return fileNames
    .flatMap((file) => {
      const before = new Set(good[file].split("\n"));
      return files[file].split("\n").flatMap((line) => (before.has(line) ? [] : [`${file}: ${line}`]));
    })
    .join("\n");
}
