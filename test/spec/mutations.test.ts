import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkSweptPaths } from "../../src/plan/plan-experiment.ts";
import { randomStream } from "../../src/plan/random.ts";
import type { ExperimentIssue } from "../../src/spec/issue.ts";
import { locateIssues } from "../../src/spec/locate-issues.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { renderIssue } from "../../src/spec/render-issue.ts";

const good = readFileSync(new URL("../fixtures/spec/everything.yaml", import.meta.url), "utf8");
const goodLines = good.trimEnd().split("\n");

/** Draws whole numbers below a bound; the same numbers in every run of the test. */
type Draw = (bound: number) => number;

interface Line {
  readonly number: number;
  /** Everything before the key: indentation and list sign. */
  readonly lead: string;
  readonly key: string;
  /** What follows the colon; empty if the value is on the next lines. */
  readonly value: string;
}

interface Mutation {
  readonly text: string;
  /** Line that was changed, from 1. */
  readonly line: number;
  readonly original: Line;
}

const lines = goodLines.flatMap((text, index): readonly Line[] => {
  const [, lead, key, value] = /^(\s*(?:- )?)(\w+):\s*(.*)$/.exec(text) ?? [];
  if (lead === undefined || key === undefined || value === undefined) return [];
  return [{ number: index + 1, lead, key, value }];
});

function replaceLine(line: Line, ...replacement: readonly string[]): Mutation {
  return {
    text: goodLines.toSpliced(line.number - 1, 1, ...replacement).join("\n"),
    line: line.number,
    original: line,
  };
}

function pick<T>(values: readonly T[], draw: Draw): T {
  const value = values[draw(values.length)];
  if (value === undefined) throw new RangeError("nothing to pick from");
  return value;
}

/** One letter lost, doubled, or exchanged with its neighbour. */
function misspell(key: string, draw: Draw): string {
  const at = draw(key.length - 1);
  const [letter = "", next = ""] = key.slice(at, at + 2);
  const slip = draw(3) === 2 && letter !== next ? next + letter : pick([next, letter + letter + next], draw);
  return key.slice(0, at) + slip + key.slice(at + 2);
}

const requiredKeys = /^(name|data|dataset|format|folder|fraction|model|layers|times|kernelSize|rate|training|epochs)$/;
const scalars = lines.filter(({ value }) => value !== "" && !value.startsWith("&"));
const positive = /^(first|filters|kernelSize|strides|dilationRate|times|units|epochs|batchSize|workers|learningRate)$/;

/** Ways to break the good file; each result means nothing valid. */
const mutators: Readonly<Record<string, (draw: Draw) => Mutation>> = {
  "a misspelt key": (draw) => {
    const line = pick(lines, draw);
    return replaceLine(line, `${line.lead}${misspell(line.key, draw)}: ${line.value}`);
  },
  "a value of another kind": (draw) => {
    const line = pick(scalars, draw);
    return replaceLine(line, `${line.lead}${line.key}: ${pick(["{ x: 1 }", "[]", ".nan", "", "[[1]]"], draw)}`);
  },
  "a word that is not known": (draw) => {
    const line = pick(
      scalars.filter(({ key }) => !/^(name|description|folder)$/.test(key)),
      draw,
    );
    return replaceLine(line, `${line.lead}${line.key}: ${pick(["nonsense", "'1'", "yes", "Adam2"], draw)}`);
  },
  "a number below its range": (draw) => {
    const line = pick(
      scalars.filter(({ key }) => positive.test(key)),
      draw,
    );
    return replaceLine(line, `${line.lead}${line.key}: ${pick(["0", "-1", "-0.5"], draw)}`);
  },
  "a key given twice": (draw) => {
    const line = pick(
      scalars.filter(({ lead }) => !lead.includes("-")),
      draw,
    );
    const text = goodLines[line.number - 1] ?? "";
    return replaceLine(line, text, text);
  },
  "a required line that is missing": (draw) =>
    replaceLine(
      pick(
        lines.filter(
          ({ key, lead }) => requiredKeys.test(key) && !(key === "name" && lead !== "") && !lead.includes("-"),
        ),
        draw,
      ),
    ),
  "a line that is indented differently": (draw) => {
    const line = pick(
      lines.filter(({ lead }) => lead.length >= 2),
      draw,
    );
    const lead = draw(2) === 0 ? `  ${line.lead}` : line.lead.slice(2);
    return replaceLine(line, `${lead}${line.key}: ${line.value}`);
  },
  "a sign that is lost": (draw) => {
    const line = pick(
      lines.filter(({ value }) => value !== ""),
      draw,
    );
    return replaceLine(
      line,
      pick([`${line.lead}${line.key} ${line.value}`, `${line.lead}${line.key}: "${line.value}`], draw),
    );
  },
};

function check({ text }: Mutation): readonly ExperimentIssue[] {
  const result = parseExperiment(text, "everything.yaml");
  if ("issues" in result) return result.issues;
  return locateIssues(checkSweptPaths(result.experiment), result.source);
}

test("the file that mutations start from is valid", () => {
  expect(check({ text: good, line: 1, original: pick(lines, () => 0) }).map(renderIssue)).toEqual([]);
});

describe.each(Object.entries(mutators))("%s", (name, mutate) => {
  const stream = randomStream(20_260, name.length);
  let position = 0;
  const draw: Draw = (bound) => Math.floor(stream.uniformAt(position++) * bound);
  const mutations = Array.from({ length: 50 }, () => mutate(draw));

  test("is always found, and each issue says where and how to mend it", () => {
    for (const mutation of mutations) {
      const issues = check(mutation);

      const context = `line ${mutation.line}: ${mutation.text.split("\n")[mutation.line - 1]}`;
      if (issues.length === 0) expect(documentOf(mutation.text), context).toEqual(documentOf(good));
      for (const { message, fix, position } of issues) {
        expect(message, context).not.toMatch(/^$|undefined|\[object/);
        expect(fix, context).not.toMatch(/^$|undefined|\[object/);
        expect(position?.line, context).toBeGreaterThanOrEqual(1);
        expect(position?.line, context).toBeLessThanOrEqual(mutation.text.split("\n").length + 1);
        expect(position?.column, context).toBeGreaterThanOrEqual(1);
      }
    }
  });

  if (name === "a misspelt key")
    test("is found in its line, and the right name is suggested", () => {
      for (const mutation of mutations) {
        const [found] = check(mutation).filter(({ position }) => position?.line === mutation.line);

        const { key } = mutation.original;
        // A key that overrides one of a merged map is given still, by that map.
        const isMergedToo = goodLines[mutation.line - 2]?.trim().startsWith("<<:") === true;
        const fix = isMergedToo ? `remove it; \`${key}\` is already given` : `did you mean \`${key}\`?`;
        expect(found?.fix, `line ${mutation.line}: ${key}`).toBe(fix);
      }
    });
});

/** The document of a valid text: an indentation that changes nothing is no mistake. */
function documentOf(text: string): unknown {
  const result = parseExperiment(text, "everything.yaml");
  return "experiment" in result ? result.experiment.document : undefined;
}
