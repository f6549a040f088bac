import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { writeDigitFolder } from "../cli/digit-folder.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-package-"));
const execute = promisify(execFile);
const npm = (cwd: string, ...parameters: string[]) =>
  execute("npm", parameters, { cwd, shell: process.platform === "win32" });

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const experiment = `name: digits
data:
  dataset: { format: idx, folder: ./digits }
model:
  layers:
    - conv2d: { filters: 2, kernelSize: 3, activation: relu }
    - flatten
    - dense: { units: 4, activation: softmax }
training: { epochs: 1 }
`;

const networkProblem = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT/;

/** Installs the packed product, with packages from npm's cache as far as installing this clone has filled it. */
async function installPacked(): Promise<"installed" | "no registry"> {
  await npm(root, "pack", "--silent", "--pack-destination", folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  writeFileSync(path.join(folder, "package.json"), "{}");
  try {
    await npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`);
    return "installed";
  } catch (error) {
    if (process.env["CI"] === undefined && networkProblem.test(String(error))) return "no registry";
    throw error;
  }
}

test("the packed product, installed in an empty folder, trains and reports", async ({ skip }) => {
  if ((await installPacked()) === "no registry") skip("npm's cache has not all packages, and no registry is reached");
  writeDigitFolder(path.join(folder, "digits"), { train: 100, test: 40 });
  writeFileSync(path.join(folder, "digits.yaml"), experiment);
  const nightsweep = (...parameters: string[]) => npm(folder, "exec", "--offline", "--", "nightsweep", ...parameters);

  const help = await nightsweep("--help");
  const run = await nightsweep("run", "digits.yaml", "--output", "json");
  const report = await nightsweep("report", "digits", "--output", "json");

  expect(help.stdout).toContain("Usage: nightsweep");
  expect(JSON.parse(run.stdout)).toMatchObject({ trialCounts: { finished: 1 } });
  expect(JSON.parse(report.stdout)).toMatchObject({ schemaVersion: 1 });
}, 180_000);
