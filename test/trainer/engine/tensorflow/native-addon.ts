import { describe } from "vitest";
import { findNativeEngine } from "../../../../src/engine/native-folder.ts";

const installation = findNativeEngine(process.env);

/** Where the native engine is installed; paths without files where it is not. */
export const nativeFiles = installation.folder;

/** Why tests that need the native engine are skipped; undefined where it is installed. */
const whyNoAddon = installation.isInstalled ? undefined : installation.reason;

/** Whether its absence is a failure: `NIGHTSWEEP_TEST_REQUIRE` names what a machine must have, e.g. `s3,native`. */
const isRequired = (process.env["NIGHTSWEEP_TEST_REQUIRE"] ?? "").split(",").includes("native");

/** Tests of the native engine: skipped where it is not installed, unless it is required. */
export function describeNative(name: string, tests: () => void): void {
  if (whyNoAddon === undefined || isRequired) describe(name, tests);
  else describe.skip(`${name} (${whyNoAddon})`, tests);
}
