import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { listBases } from "../../src/spec/extend-experiment.ts";
import { loadExperiment } from "../../src/spec/load-experiment.ts";
import { base, compose, documentOf, issuesOf, type Files } from "./composed-experiment.ts";

describe("an experiment that extends another file", () => {
  test("has its maps merged at every depth and its lists replaced", async () => {
    const derived =
      "extends: base.yaml\nname: derived\nmodel:\n  layers: [flatten]\ntraining:\n  optimizer: { momentum: 0.5 }\n";

    expect(await documentOf({ "a.yaml": derived, "base.yaml": base })).toEqual({
      name: "derived",
      data: { dataset: "mnist" },
      model: { layers: ["flatten"] },
      training: { epochs: 5, optimizer: { type: "sgd", momentum: 0.5 } },
    });
  });

  test("removes what it sets to null", async () => {
    const derived = "extends: base.yaml\nname: derived\ntraining: { epochs: ~, steps: 100, optimizer: null }\n";

    const { training } = await documentOf({ "a.yaml": derived, "base.yaml": base });
    expect(training).toEqual({ steps: 100 });
  });

  test("goes through a chain, the nearest file last", async () => {
    const files = {
      "x/a.yaml": "extends: ../b.yaml\nname: a\n",
      "b.yaml": "extends: ./bases/c.yaml\nname: b\ndescription: from b\ntraining: { epochs: 7 }\n",
      "bases/c.yaml": base,
    };

    expect(await documentOf(files)).toMatchObject({ name: "a", description: "from b", training: { epochs: 7 } });
  });

  test("adds to the sweep of its base", async () => {
    const files = {
      "a.yaml": "extends: b.yaml\nname: a\nsweep: { grid: { training.batchSize: [1, 2] }, seeds: 3 }\n",
      "b.yaml": `${base}sweep: { grid: { training.epochs: [1, 2] }, seeds: 2 }\n`,
    };

    expect((await documentOf(files))["sweep"]).toEqual({
      grid: { "training.epochs": [1, 2], "training.batchSize": [1, 2] },
      seeds: 3,
    });
  });

  test("finds the folders of its base where the base finds them", async () => {
    const files = {
      "x/a.yaml": "extends: ../bases/b.yaml\nname: a\n",
      "bases/b.yaml": `${base.replace("dataset: mnist", "dataset: { format: idx, folder: ./digits }")}sweep: { grid: { data.dataset.folder: [./digits, /data/other] } }\n`,
    };

    expect(await documentOf(files)).toMatchObject({
      data: { dataset: { folder: "../bases/digits" } },
      sweep: { grid: { "data.dataset.folder": ["../bases/digits", "/data/other"] } },
    });
  });

  test("has each value where it is written, through aliases and merge keys of either file", async () => {
    const { result, marks } = await compose({
      "a.yaml": "extends: base.yaml\nname: ▶a\ntraining:\n  optimizer: { learningRate: ▶0.1 }\n",
      "base.yaml": `x-sgd: &sgd { type: ▶sgd }\n${base.replace("{ type: sgd, momentum: 0.9 }", "{ <<: *sgd, momentum: ▶0.9 }")}`,
    });
    if ("issues" in result) throw new Error(JSON.stringify(result.issues));

    const optimizer = ["training", "optimizer"];
    const places = [["name"], [...optimizer, "learningRate"], [...optimizer, "type"], [...optimizer, "momentum"]];
    const found = places.map((place) => {
      const { file, line, column } = result.source.locate(place);
      return `${path.basename(file)}:${line}:${column}`;
    });
    expect(found).toEqual(marks);
  });

  test("is told everything that is wrong in all files at once, its own first", async () => {
    const { issues, marks } = await issuesOf({
      "a.yaml": "extends: base.yaml\nname: ▶A b\ntraining:\n  ▶batchsize: 3\n",
      "base.yaml": base.replace("mnist", "▶mnits").replace("epochs: 5", "epochs: ▶fast"),
    });

    expect(issues.map(({ at }) => at)).toEqual(marks);
  });

  test("may mend a mistake of its base", async () => {
    const files = { "a.yaml": "extends: b.yaml\nname: a\ntraining: { epochs: 3 }\n", "b.yaml": base.replace("5", "x") };

    expect((await issuesOf(files)).issues).toEqual([]);
  });

  test("lists the files that it extends", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "nightsweep-bases-"));
    await writeFile(path.join(folder, "a.yaml"), "extends: b.yaml\n");
    await writeFile(path.join(folder, "b.yaml"), "extends: c.yaml\n");
    await writeFile(path.join(folder, "c.yaml"), "name: c\n");

    const bases = await listBases(path.join(folder, "a.yaml"));
    await rm(folder, { recursive: true });
    expect(bases.map((file) => path.basename(file))).toEqual(["b.yaml", "c.yaml"]);
  });
});

const chain = (count: number): Files =>
  Object.fromEntries(
    Array.from({ length: count + 1 }, (_, index) => [
      `f${index}.yaml`,
      index < count ? `extends: ${index === 5 ? "▶" : ""}f${index + 1}.yaml\nname: n\n` : base,
    ]),
  );

/** Files with ▶ where the only issue must point to, and what it says. */
const mistakes: readonly (readonly [name: string, files: Files, message: string, fix: string])[] = [
  [
    "a base that is not there",
    { "a.yaml": "extends: ▶bsae.yaml\nname: a\n", "base.yaml": base },
    "there is no file bsae.yaml",
    "did you mean `base.yaml`?",
  ],
  [
    "a base in a folder that is not there",
    { "x/a.yaml": "extends: ▶../bases/b.yaml\nname: a\n" },
    "there is no file bases/b.yaml",
    "write the path of a YAML file, relative to this one",
  ],
  [
    "a file that extends itself",
    { "a.yaml": `extends: ▶a.yaml\nname: a\n${base}` },
    "the files extend one another: a.yaml → a.yaml",
    "remove `extends` from one of them",
  ],
  [
    "a circle",
    { "a.yaml": "extends: b.yaml\nname: a\n", "b.yaml": "extends: x/c.yaml\n", "x/c.yaml": "extends: ▶../a.yaml\n" },
    "the files extend one another: a.yaml → b.yaml → x/c.yaml → a.yaml",
    "remove `extends` from one of them",
  ],
  [
    "a chain of six bases",
    chain(6),
    "a chain of more than 5 base files: f0.yaml → f1.yaml → f2.yaml → f3.yaml → f4.yaml → f5.yaml → f6.yaml",
    "put some of these files together",
  ],
  [
    "a folder as the base",
    { "a.yaml": "extends: ▶x\nname: a\n", "x/b.yaml": base },
    "x: this is a folder, expected a YAML file",
    "write the path of a YAML file, relative to this one",
  ],
  [
    "an empty base",
    { "a.yaml": "extends: b.yaml\nname: a\n", "b.yaml": "▶# nothing\n" },
    "the file is empty, expected an experiment",
    "write `name`, `data`, `model` and `training`; `nightsweep init` writes a commented starter",
  ],
  [
    "a base that is a list",
    { "a.yaml": "extends: b.yaml\nname: a\n", "b.yaml": "▶- 1\n" },
    "a base file has to be a map of sections, as any experiment",
    "write e.g. `training: { epochs: 5 }`; what is missing is added by the file that extends it",
  ],
  [
    "a base that is no YAML",
    { "a.yaml": "extends: b.yaml\nname: a\n", "b.yaml": "data: ▶{ dataset: mnist\n" },
    "this { is never closed",
    "add the missing }",
  ],
  [
    "two bases",
    { "a.yaml": `extends: ▶[b.yaml, c.yaml]\nname: a\n${base}` },
    "got a list of 2, expected a string that is not empty",
    'write e.g. `extends: "../base.yaml"`',
  ],
  [
    "nothing behind extends",
    { "a.yaml": `extends: ▶""\nname: a\n${base}` },
    'got "" (string), expected a string that is not empty',
    'write e.g. `extends: "../base.yaml"`',
  ],
  [
    "extends in another case",
    { "a.yaml": `▶Extends: b.yaml\nname: a\n${base}` },
    'unknown key "Extends", expected one of name, description, data, model, training, evaluation, sweep, resources, run, schedule, benchmark, extends',
    "did you mean `extends`?",
  ],
  [
    "a wrong value in the base",
    { "a.yaml": "extends: b.yaml\nname: a\n", "b.yaml": base.replace("epochs: 5", "epochs: ▶fast") },
    'got "fast" (string), expected a whole number ≥ 1',
    "write e.g. `epochs: 5`",
  ],
  [
    "a field of the base that another choice of the derived file doesn't have",
    {
      "a.yaml": "extends: b.yaml\nname: a\ntraining: { optimizer: { type: adam } }\n",
      "b.yaml": base.replace("momentum", "▶momentum"),
    },
    'unknown key "momentum", expected one of type, learningRate, beta1, beta2, epsilon, amsgrad',
    "`momentum` goes with `type: sgd`; remove it or change the type",
  ],
  [
    "a section that is removed and needed",
    { "a.yaml": "▶extends: b.yaml\nname: a\nmodel: null\n", "b.yaml": base },
    "missing, expected a map (keys: name, blocks, initialWeights, layers)",
    "add e.g. `model: { layers: [flatten, { dense: { units: 10, activation: softmax } }] }` (the architecture)",
  ],
  [
    "an alias of another file",
    {
      "a.yaml": "extends: b.yaml\nname: a\ntraining: { optimizer: ▶*sgd }\n",
      "b.yaml": `x-o: &sgd { type: sgd }\n${base}`,
    },
    "there is no `&sgd` before `*sgd`",
    "mark the value with `&sgd` where it is first written",
  ],
];

describe("mistakes", () => {
  test.each(mistakes)("%s", async (_, files, message, fix) => {
    const { issues, marks } = await issuesOf(files);

    expect(issues.map((issue) => ({ ...issue, path: "" }))).toEqual([{ at: marks[0], path: "", message, fix }]);
  });

  test.each(["../outside/b.yaml", "link.yaml"])("a base outside the project: %s", async (written) => {
    const folder = await mkdtemp(path.join(tmpdir(), "nightsweep-outside-"));
    await mkdir(path.join(folder, "project"));
    await mkdir(path.join(folder, "outside"));
    await writeFile(path.join(folder, "outside/b.yaml"), base);
    await writeFile(path.join(folder, "project/package.json"), "{}");
    await symlink("../outside/b.yaml", path.join(folder, "project/link.yaml"));
    await writeFile(path.join(folder, "project/a.yaml"), `extends: ${written}\nname: a\n`);

    const result = await loadExperiment(path.join(folder, "project/a.yaml"));
    await rm(folder, { recursive: true });
    expect(result).toMatchObject({
      issues: [{ code: "extends-outside-project", position: { line: 1, column: 10 }, end: { line: 1 } }],
    });
  });
});

test("without a project's mark the experiment's own folder is the project", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "nightsweep-bare-"));
  await mkdir(path.join(folder, "x"));
  await writeFile(path.join(folder, "b.yaml"), base);
  await writeFile(path.join(folder, "x/b.yaml"), base);
  await writeFile(path.join(folder, "x/a.yaml"), "extends: b.yaml\nname: a\n");
  await writeFile(path.join(folder, "x/up.yaml"), "extends: ../b.yaml\nname: a\n");

  const inside = await loadExperiment(path.join(folder, "x/a.yaml"));
  const outside = await loadExperiment(path.join(folder, "x/up.yaml"));
  await rm(folder, { recursive: true });
  expect(inside).toHaveProperty("experiment");
  expect(outside).toMatchObject({ issues: [{ code: "extends-outside-project" }] });
});

test("keys that start with x- are notes anywhere: they change nothing and may hold anchors", async () => {
  const noted = `x-about: [why, { not: 1 }]\n${base}`
    .replace("epochs: 5", "epochs: 5\n  x-why: &n 5\n  batchSize: *n")
    .replace("units: 10,", "units: 10, x-todo: more,");

  const document = await documentOf({ "a.yaml": `name: a\n${noted}` });
  expect(document).toEqual(
    await documentOf({ "a.yaml": `name: a\n${base.replace("epochs: 5", "epochs: 5\n  batchSize: 5")}` }),
  );
});
