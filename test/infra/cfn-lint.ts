import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/** Where `scripts/install-test-components.mjs` puts it. */
const program = path.join(homedir(), ".cache", "nightsweep-test", "cfn-lint", "bin", "cfn-lint");

/** Whether templates can't be linted; where they have to be, it is tried and fails. */
export const lacksCfnLint =
  !existsSync(program) &&
  process.env["NIGHTSWEEP_TEST_FULL"] !== "1" &&
  !(process.env["NIGHTSWEEP_TEST_REQUIRE"] ?? "").split(",").includes("cfn-lint");

/** Said in the name of tests that are skipped. */
export const cfnLintReason = lacksCfnLint
  ? " (skipped: run `node scripts/install-test-components.mjs` for cfn-lint)"
  : "";

/** W3005: CDK writes dependencies that references imply already; they do no harm. */
const ignored = ["W3005"];

/** @returns what it found, of whatever severity; nothing = "" */
export async function cfnLint(template: string): Promise<string> {
  const strict = ["--non-zero-exit-code", "informational", "--regions", "us-east-1", "eu-central-1"];
  try {
    const parameters = [...strict, "--ignore-checks", ...ignored, "--template", template];
    return (await promisify(execFile)(program, parameters)).stdout;
  } catch (error) {
    if (typeof error === "object" && error !== null && "stdout" in error && error.stdout !== "")
      return String(error.stdout);
    throw error;
  }
}
