// `npm test`: installs and compiles what is missing, then runs the suite. `--full` adds what is long or needs
// installed components. Further arguments go to vitest.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";
import { build, install, requireNode, root } from "./prepare.mjs";

requireNode();
install();
build();

const isFull = process.argv.includes("--full");
const parameters = process.argv.slice(2).filter((parameter) => parameter !== "--full");
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-test-"));
const results = path.join(folder, "results.json");
const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${results}`, ...parameters],
  { cwd: root, stdio: "inherit", env: { ...process.env, NIGHTSWEEP_TEST_FULL: isFull ? "1" : "0" } },
);
try {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(results, "utf8"));
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status ?? 1);
