import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import validate from "asl-validator";
import { App, Stack, Validations } from "aws-cdk-lib";
import * as s3 from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { beforeAll, describe, expect, test } from "vitest";
import { maxBundleBytes } from "../../infra/bundle-function.ts";
import { machineDefinition, type Template } from "../../infra/synth.ts";
import { cfnLint, cfnLintReason, lacksCfnLint } from "./cfn-lint.ts";
import { permissionClaims } from "./permission-claims.ts";
import { temporaryFolder } from "./synthesised.ts";
import { templateClaims } from "./template-claims.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** What `npx cdk synth` runs, in an environment with neither programs nor credentials nor network to speak of. */
async function synthesiseBare(cwd: string): Promise<{ readonly folder: string; readonly output: string }> {
  const folder = temporaryFolder();
  const app = [
    "--import",
    pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href,
    path.join(root, "infra", "app.ts"),
  ];
  const { stdout, stderr } = await run(process.execPath, app, {
    cwd,
    env: {
      PATH: "/nowhere",
      HOME: "/nowhere",
      CDK_OUTDIR: folder,
      HTTPS_PROXY: "http://127.0.0.1:9",
      TZ: "Asia/Tokyo",
    },
  });
  return { folder, output: stdout + stderr };
}

function hashesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(path.join(folder, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(path.join(folder, name)))
        .digest("hex"),
    ]),
  );
}

describe("cdk synth", () => {
  let first: { readonly folder: string; readonly output: string };
  let template: Template;

  beforeAll(async () => {
    first = await synthesiseBare(root);
    template = JSON.parse(readFileSync(path.join(first.folder, "nightsweep.template.json"), "utf8"));
  });

  templateClaims(() => template);
  permissionClaims(() => template);

  test("needs no docker, no git, no network and no credentials, and has nothing to complain about", () => {
    expect(first.output).toBe("");
    expect(readdirSync(first.folder)).toContain("nightsweep.template.json");
  });

  test("gives the same bytes again, from elsewhere", { timeout: 240_000 }, async () => {
    const second = await synthesiseBare(path.join(root, "docs"));

    expect(hashesOf(second.folder)).toEqual(hashesOf(first.folder));
  });

  test("has the state machine as it is defined, correct Amazon States Language", () => {
    const lookup = (reference: string): string => (reference === "AWS::Partition" ? "aws" : `<${reference}>`);

    const machine = machineDefinition({ template }, lookup);

    expect(validate(machine)).toMatchObject({ isValid: true });
    expect(machine).toMatchObject({ StartAt: "Plan", TimeoutSeconds: 7 * 24 * 3600 });
  });

  test("writes each compiled experiment, and says how to start it", () => {
    const starts = Object.values(template.Outputs).filter(({ Description = "" }) => Description.startsWith("Starts "));

    const compiled = readdirSync(path.join(first.folder, "experiments"));

    expect(starts).toHaveLength(compiled.length);
    expect(compiled).toContain("nightly-cnn-mnist.json");
    for (const { Value } of starts)
      expect(JSON.stringify(Value)).toContain("aws stepfunctions start-execution --state-machine-arn");
  });

  test("bundles functions that load quickly", async () => {
    const functions = readdirSync(first.folder).filter(
      (name) => readdirSync(first.folder).includes(name) && /^asset\.[0-9a-f]+$/.test(name),
    );
    const bundles = functions.map((name) => path.join(first.folder, name, "index.mjs")).filter((file) => isFile(file));

    expect(bundles).toHaveLength(5);
    for (const file of bundles) {
      expect(statSync(file).size).toBeLessThan(maxBundleBytes);
      const { handler } = (await import(pathToFileURL(file).href)) as { handler: unknown };
      expect(handler).toBeTypeOf("function");
    }
  });

  test("puts into the image only what it is made of", () => {
    const [image] = readdirSync(first.folder).filter((name) => isFile(path.join(first.folder, name, "Dockerfile.gpu")));

    const names = readdirSync(path.join(first.folder, image ?? "")).filter((name) => !name.startsWith("."));

    expect(names.sort()).toEqual([
      "Dockerfile.gpu",
      "bin",
      "infra",
      "package-lock.json",
      "package.json",
      "scripts",
      "src",
      "trainer",
      "tsconfig.build.json",
      "tsconfig.json",
    ]);
    expect(readdirSync(path.join(first.folder, image ?? "", "infra"))).toEqual(["image"]);
  });

  test.skipIf(lacksCfnLint)(`passes cfn-lint${cfnLintReason}`, async () => {
    expect(await cfnLint(path.join(first.folder, "nightsweep.template.json"))).toBe("");
  });

  test.skipIf(lacksCfnLint)(`would not pass cfn-lint with a mistake${cfnLintReason}`, async () => {
    const text = readFileSync(path.join(first.folder, "nightsweep.template.json"), "utf8");
    const file = path.join(temporaryFolder(), "broken.template.json");
    writeFileSync(file, text.replace('"MinvCpus"', '"MinVcpus"'));

    expect(await cfnLint(file)).toContain("E3002");
  });
});

test("an invalid experiment fails synth with its file and line, and exit code 65", async () => {
  const project = temporaryFolder();
  // The app compiles the experiments beside it.
  for (const name of ["infra", "src", "package.json", "Dockerfile.gpu", ".dockerignore"])
    cpSync(path.join(root, name), path.join(project, name), { recursive: true });
  symlinkSync(path.join(root, "node_modules"), path.join(project, "node_modules"));
  mkdirSync(path.join(project, "experiments"));
  writeFileSync(path.join(project, "experiments", "bad.yaml"), "name: bad\ndata: { dataset: mnits }\n");

  const failed = await run(
    process.execPath,
    ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href, "infra/app.ts"],
    {
      cwd: project,
    },
  ).catch((error: unknown) => error);

  expect(failed).toMatchObject({ code: 65, stderr: expect.stringContaining("experiments/bad.yaml:2:18") });
});

test("what cdk-nag finds and nobody has acknowledged fails synth", () => {
  const app = new App({ outdir: temporaryFolder(), analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new s3.Bucket(new Stack(app, "careless"), "Bucket");

  expect(() => app.synth()).toThrow(/S3 Bucket has server access logs disabled[^]*AwsSolutions-S10/);
});

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
