// Brings a clone into a state in which everything runs: right Node, packages installed, code compiled.
// Plain JavaScript without dependencies: it has to run before anything is installed.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);
const log = (text) => process.stderr.write(`${text}\n`);

/** Ends the process with a clear message if this Node is too old. */
export function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  log(`nightsweep needs Node >= 20.19, this is ${process.versions.node}. Install a newer one and try again.`);
  process.exit(70);
}

/** Installs the packages of package-lock.json unless they are there already. */
export function install() {
  const stamp = at("node_modules", ".nightsweep-installed");
  const wanted = hashFiles([at("package.json"), at("package-lock.json")]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  log("Installing packages (about a minute the first time) …");
  const begin = Date.now();
  // Not `npm ci`: it refuses a lock file that lacks binaries of other platforms, which not every registry serves.
  // Without saving, versions are those of the lock file, and the file stays as it is.
  run(process.platform === "win32" ? "npm.cmd" : "npm", [
    "install",
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ]);
  writeFileSync(stamp, wanted);
  log(`Installed in ${seconds(begin)}.`);
}

/** Compiles src and trainer to dist and bundles the report's client unless nothing has changed since the last time. */
export function build() {
  const stamp = at("dist", ".built");
  const wanted = hashFiles([
    ...filesBelow(at("src")),
    ...filesBelow(at("trainer")),
    ...filesBelow(at("scripts")),
    at("package.json"),
    at("tsconfig.json"),
    at("tsconfig.build.json"),
  ]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  log("Compiling …");
  const begin = Date.now();
  rmSync(at("dist"), { recursive: true, force: true });
  run(process.execPath, [at("node_modules", "typescript", "bin", "tsc"), "-p", at("tsconfig.build.json")]);
  // Sources in C++ that `engine install` compiles.
  cpSync(at("src", "engine", "operations"), at("dist", "src", "engine", "operations"), { recursive: true });
  mkdirSync(at("dist", "trainer", "engine", "wasm"), { recursive: true });
  for (const name of ["kernels.wasm", "kernels-relaxed.wasm"]) {
    cpSync(at("trainer", "engine", "wasm", name), at("dist", "trainer", "engine", "wasm", name));
  }
  run(process.execPath, [at("scripts", "build-report.mjs")]);
  run(process.execPath, [at("bin", "nightsweep.js"), "schema", "--file", at("dist", "experiment.schema.json")]);
  writeFileSync(stamp, wanted);
  log(`Compiled in ${seconds(begin)}.`);
}

/** Runs a program with this terminal; a failure ends this process with the same exit code. */
export function run(command, parameters, environment = {}) {
  const result = spawnSync(command, parameters, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  if (result.error) throw result.error;
  if (result.signal) process.kill(process.pid, result.signal);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** What a program prints; throws if it fails. */
export function capture(command, parameters) {
  return execFileSync(command, parameters, { cwd: root, encoding: "utf8" });
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

function hashFiles(files) {
  const hash = createHash("sha256").update(process.versions.node.split(".")[0]);
  for (const file of files) hash.update(path.relative(root, file)).update(readFileSync(file));
  return hash.digest("hex");
}

function seconds(begin) {
  return `${((Date.now() - begin) / 1000).toFixed(1)} s`;
}
