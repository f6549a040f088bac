import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Where `scripts/install-test-components.mjs` puts what reads exports. */
const installed = path.join(homedir(), ".cache", "nightsweep-test", "exports");

/** The Python that has DuckDB, TensorBoard and MLflow, or undefined. */
export const exportsPython = [
  path.join(installed, "bin", "python"),
  path.join(installed, "Scripts", "python.exe"),
].find((file) => existsSync(file) && hasReaders(file));

/** Whether tests that read exports can't run; where they have to, they run and fail. */
export const lacksReaders =
  exportsPython === undefined &&
  process.env["NIGHTSWEEP_TEST_FULL"] !== "1" &&
  !(process.env["NIGHTSWEEP_TEST_REQUIRE"] ?? "").split(",").includes("exports");

/** Said in the name of tests that are skipped. */
export const readersReason = lacksReaders
  ? " (skipped: run `node scripts/install-test-components.mjs exports` for DuckDB, TensorBoard and MLflow)"
  : "";

if (lacksReaders) process.stderr.write(`Tests of exports${readersReason}\n`);

/** What a Python script beside this file prints, as JSON. */
export async function askPython(script: string, parameters: readonly string[]): Promise<unknown> {
  if (exportsPython === undefined) {
    throw new Error("there are no readers: run `node scripts/install-test-components.mjs exports`");
  }
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(exportsPython, [file, ...parameters], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}

function hasReaders(python: string): boolean {
  const check =
    "import importlib.metadata as m; assert [m.version(p) for p in ('duckdb', 'tensorboard', 'mlflow-skinny', 'pandas')]";
  try {
    execFileSync(python, ["-c", check], { stdio: "ignore", timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
}
