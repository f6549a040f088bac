import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { nightsweep } from "../cli/nightsweep-process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(path.join(root, "README.md"), "utf8");
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/architecture.md",
  "docs/export.md",
  "docs/aws.md",
  "docs/models.md",
  "docs/nightly.md",
  "docs/reference.md",
  "docs/runbook.md",
  "docs/report.md",
  "docs/statistics.md",
  "docs/stores.md",
  "docs/threat-model.md",
];
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-readme-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Code blocks of a language. */
function codeBlocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? "");
}

/** Commands of the README's shell blocks, without comments. */
const commands = codeBlocks(readme, "sh")
  .flatMap((block) => block.split("\n"))
  .map((line) => line.replace(/\s+#.*$/, "").trim())
  .filter((line) => line !== "");

/** Makes the starter so small that the README's commands take seconds. */
function shrink(file: string): void {
  const text = readFileSync(file, "utf8");
  const small = text
    .replace("train: { first: 10000 }", "train: { first: 400 }\n    test: { first: 100 }")
    .replace("epochs: 2 ", "epochs: 1 ");
  expect(small).toContain("first: 400");
  expect(small).toContain("epochs: 1 ");
  writeFileSync(file, small);
}

describe("the README", () => {
  test("quotes commands of every kind", () => {
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter((command) => !/^(npx nightsweep|npm (run )?\w+)/.test(command))).toEqual([]);
  });

  test("quotes only npm scripts that are there", () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { scripts: object };
    const quoted = documents.flatMap((file) =>
      [...readFileSync(path.join(root, file), "utf8").matchAll(/npm (?:run ([\w:-]+)|(test)\b)/g)].map(
        ([, script, bare]) => script ?? bare ?? "",
      ),
    );

    expect(quoted.filter((script) => !(script in scripts))).toEqual([]);
    expect(new Set(quoted)).toContain("demo");
  });

  test("quotes nightsweep commands that run, in the order they stand there", async () => {
    for (const command of commands.filter((line) => line.startsWith("npx nightsweep"))) {
      const parameters = command.split(/\s+/).slice(2);
      const { exitCode, stderr } = await nightsweep(parameters, { cwd: folder });
      expect({ command, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ command, exitCode: 0, stderr: "" });
      if (parameters[0] === "init") shrink(path.join(folder, parameters[1] ?? ""));
    }
  }, 120_000);

  test("shows an experiment that is valid", () => {
    for (const yaml of codeBlocks(readme, "yaml"))
      expect(parseExperiment(yaml, "README.md")).not.toHaveProperty("issues");
  });

  test("shows models that are valid in docs/models.md", () => {
    const models = readFileSync(path.join(root, "docs/models.md"), "utf8");
    for (const yaml of codeBlocks(models, "yaml"))
      expect(parseExperiment(yaml, "docs/models.md")).not.toHaveProperty("issues");
  });

  test("documents every exit code that the command line has", () => {
    const { killed, terminated, ...documented } = exitCodes;
    const table = [...readme.matchAll(/^\| (\d+) +\|/gm)].map((match) => Number(match[1]));

    expect(table).toEqual(Object.values(documented));
    expect([killed, terminated]).toEqual([137, 143]);
  });

  test.each(documents)("links of %s lead somewhere", (file) => {
    const text = readFileSync(path.join(root, file), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? "");

    expect(links.filter((link) => !existsSync(path.join(root, path.dirname(file), link)))).toEqual([]);
  });
});

describe("the experiments that come with nightsweep", () => {
  const files = readdirSync(path.join(root, "experiments"), { recursive: true, encoding: "utf8" })
    // CIFAR has to be fetched first: cifar-experiments.test.ts and reference-plans.test.ts plan these with small files.
    .filter((name) => name.endsWith(".yaml") && !name.includes("cifar"))
    .map((name) => path.join("experiments", name));

  test("are all valid", async () => {
    const { exitCode, stdout } = await nightsweep(["validate", ...files], { cwd: root });

    expect(stdout).toContain("experiments/quickstart.yaml: good, 18 trials");
    expect(exitCode).toBe(0);
  });
});
