// Installs what some tests need besides npm's packages: moto, an S3 server in Python, and cfn-lint, which checks
// CloudFormation templates, each into a virtual environment of its own below ~/.cache/nightsweep-test. Needs Python 3.9 or
// newer with venv (Debian: apt install python3-venv).
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { run } from "./prepare.mjs";

/** @type {readonly (readonly [name: string, packages: readonly string[]])[]} */
const components = [
  ["moto", ["moto[s3]==5.2.5", "flask>=3,<4", "flask-cors>=5"]],
  ["cfn-lint", ["cfn-lint==1.58.0"]],
];
const isWindows = process.platform === "win32";
for (const [name, packages] of components) installComponent(name, packages);

function installComponent(name, packages) {
  const folder = path.join(homedir(), ".cache", "nightsweep-test", name);
  const python = path.join(folder, isWindows ? "Scripts" : "bin", isWindows ? "python.exe" : "python");
  // Written last: a virtual environment that was left half made, e.g. without pip, is made again.
  const stamp = path.join(folder, ".installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === packages.join("\n")) {
    console.error(`${name} is in ${folder}`);
    return;
  }
  const begin = Date.now();
  rmSync(folder, { recursive: true, force: true });
  run(isWindows ? "python" : "python3", ["-m", "venv", folder]);
  run(python, ["-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", ...packages]);
  writeFileSync(stamp, packages.join("\n"));
  console.error(`${name} is in ${folder} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
}
