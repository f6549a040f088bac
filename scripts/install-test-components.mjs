// Installs what some tests need besides npm's packages, each into a Python environment of its own below
// ~/.cache/nightsweep-test: moto, an S3 server; cfn-lint, which checks CloudFormation templates; and what reads exports:
// DuckDB, TensorBoard, an MLflow server (370 MB). Needs Python 3.10 or newer with venv (Debian: apt install python3-venv).
// Arguments: which ones; default: all.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { run } from "./prepare.mjs";

const isWindows = process.platform === "win32";
/** @type {Readonly<Record<string, readonly string[]>>} */
const components = {
  moto: ["moto[s3]==5.2.5", "flask>=3,<4", "flask-cors>=5"],
  "cfn-lint": ["cfn-lint==1.58.0"],
  // mlflow-skinny and what its server imports, instead of the whole of mlflow.
  exports: [
    "duckdb==2.0.1",
    "tensorboard==2.21.0",
    "mlflow-skinny==3.17.2",
    "flask>=3,<4",
    "flask-cors>=5",
    "sqlalchemy>=2,<3",
    "alembic>=1,<2",
    "fastapi<1",
    "uvicorn<1",
    "aiohttp>=3,<4",
    "pandas<4",
  ],
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(components);
for (const name of wanted) {
  const packages = components[name];
  if (packages === undefined) throw new Error(`there is no ${name}: choose from ${Object.keys(components).join(", ")}`);
  install(name, packages);
}

/** @param {string} name @param {readonly string[]} packages */
function install(name, packages) {
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
