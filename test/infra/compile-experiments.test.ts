import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadManifest } from "../../src/dataset/open-dataset.ts";
import { readDatasetFacts } from "../../infra/experiments/dataset-facts.ts";
import { compileExperiments, InvalidExperimentsError } from "../../infra/experiments/compile-experiments.ts";
import { scheduleExpression } from "../../infra/experiments/schedule-expression.ts";
import { temporaryFolder } from "./synthesised.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const options = {
  code: { packageVersion: "1.0.0", resultsVersion: 1 },
  sizes: { "gpu-1": { gpus: 1, vcpus: 4, memoryMebibytes: 14_000 } },
};

/** A project with experiments, and the facts about MNIST. */
function projectWith(experiments: Readonly<Record<string, string>>): string {
  const project = temporaryFolder();
  mkdirSync(path.join(project, "experiments"));
  cpSync(path.join(root, "experiments", "datasets.json"), path.join(project, "experiments", "datasets.json"));
  for (const [name, text] of Object.entries(experiments)) writeFileSync(path.join(project, "experiments", name), text);
  return project;
}

const experiment = ({ name = "small", dataset = "mnist", units = "10", epochs = "1" } = {}): string => `
name: ${name}
data: { dataset: ${dataset} }
model: { layers: [flatten, { dense: { units: ${units}, activation: softmax } }] }
training: { epochs: ${epochs} }
sweep: { seeds: 3 }
`;

async function issuesOf(project: string): Promise<string> {
  const error = await compileExperiments(project, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InvalidExperimentsError);
  return String(error);
}

describe("compiling experiments", () => {
  test("a mistake in the YAML is told with file, line and column", async () => {
    const project = projectWith({ "good.yaml": experiment(), "bad.yaml": experiment({ name: "bad", epochs: "zero" }) });

    expect(await issuesOf(project)).toMatch(/experiments\/bad\.yaml:5:21 {2}training\.epochs\n {2}got "zero"/);
  });

  test("a model that doesn't fit its data is told with file, line and column", async () => {
    const project = projectWith({ "wrong.yaml": experiment({ units: "9" }) });

    expect(await issuesOf(project)).toMatch(/experiments\/wrong\.yaml:4:/);
  });

  test("all mistakes of all files are told at once", async () => {
    const project = projectWith({
      "a.yaml": experiment({ name: "a", epochs: "-1" }),
      "b.yaml": experiment({ name: "b", epochs: "x" }),
    });

    const issues = await issuesOf(project);

    expect(issues).toContain("a.yaml:5:");
    expect(issues).toContain("b.yaml:5:");
  });

  test("two experiments can't have one name", async () => {
    const project = projectWith({ "a.yaml": experiment(), "b.yaml": experiment() });

    expect(await issuesOf(project)).toContain("experiments/b.yaml has the same name as experiments/a.yaml: small");
  });

  test("an experiment on known data is planned, and its trials shared out", async () => {
    const [compiled] = await compileExperiments(projectWith({ "small.yaml": experiment() }), options);

    expect(compiled?.experiment.file).toBe("experiments/small.yaml");
    expect(compiled?.plan?.trials).toHaveLength(3);
    expect(compiled?.chunks).toEqual([{ size: "gpu-1", arraySize: 1, trialsPerJob: 3, trialOffset: 0 }]);
  });

  test("data that nobody has described don't keep the others from being compiled: that one is planned when it starts", async () => {
    const project = projectWith({
      "known.yaml": experiment({ name: "known" }),
      "unknown.yaml": experiment({ name: "unknown", dataset: "{ format: images, folder: nowhere }" }),
    });

    const compiled = await compileExperiments(project, options);

    expect(compiled.map(({ experiment: { spec }, plan }) => [spec.name, plan !== undefined])).toEqual([
      ["known", true],
      ["unknown", false],
    ]);
  });

  test("what is on this machine doesn't count", async () => {
    const project = projectWith({ "small.yaml": experiment() });
    writeFileSync(path.join(project, "experiments", "datasets.json"), '{ "schemaVersion": 1, "datasets": [] }');

    const [compiled] = await compileExperiments(project, options);

    expect(compiled?.plan).toBeUndefined();
  });
});

describe("experiments/datasets.json", () => {
  test("says what MNIST is", async () => {
    const fact = readDatasetFacts(root).of("mnist", root);

    expect(await loadManifest("mnist", root)).toEqual({ manifest: fact });
  });

  test("knows a folder from whichever file names it", () => {
    const project = projectWith({});
    const { manifest } = JSON.parse(readFileSync(path.join(root, "experiments", "datasets.json"), "utf8")).datasets[0];
    const datasets = [{ dataset: { format: "idx", folder: "data/digits" }, manifest }];
    writeFileSync(path.join(project, "experiments", "datasets.json"), JSON.stringify({ datasets }));
    const facts = readDatasetFacts(project);

    const found = facts.of({ format: "idx", folder: "../../data/digits" }, path.join(project, "experiments", "deep"));

    expect(found).toEqual(manifest);
    expect(facts.of({ format: "idx", folder: "digits" }, project)).toBeUndefined();
  });
});

describe("a schedule", () => {
  test.each([
    ["0 2 * * *", "cron(0 2 * * ? *)"],
    ["*/30 1-2 1,15 jan *", "cron(0,30 1,2 1,15 1 ? *)"],
    ["5 4 * * sun", "cron(5 4 ? * 1 *)"],
    ["0 22 * * 1-5", "cron(0 22 ? * 2,3,4,5,6 *)"],
  ])("%s is %s in EventBridge's words", (cron, expected) => {
    expect(scheduleExpression(cron)).toBe(expected);
  });
});

test("every experiment of this repository that is for the night has a schedule and a benchmark", async () => {
  const nightly = readdirSync(path.join(root, "experiments", "nightly"));

  const compiled = await compileExperiments(root, options);
  const scheduled = compiled.filter(({ experiment: { spec } }) => spec.schedule !== undefined);

  expect(scheduled.map(({ experiment: { file } }) => path.basename(file))).toEqual(nightly.sort());
  for (const { experiment: spec } of scheduled) expect(spec.spec.benchmark).toMatchObject({ metric: "testAccuracy" });
});
