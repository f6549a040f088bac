import { describe } from "vitest";
import { findNativeEngine } from "../../../../src/engine/native-folder.ts";

const installation = findNativeEngine(process.env);

/** The addon of the installed native engine; a path without a file where there is none. */
export const nativeAddon = installation.folder.addon;

/** Why tests that need the native engine are skipped; undefined where it is installed. */
export const whyNoAddon = installation.isInstalled ? undefined : installation.reason;

/** Whether its absence is a failure: `NIGHTSWEEP_TEST_REQUIRE` names what a machine must have, e.g. `s3,native`. */
const isRequired = (process.env["NIGHTSWEEP_TEST_REQUIRE"] ?? "").split(",").includes("native");

/** Tests of the native engine: skipped where it is not installed, unless it is required. */
export function describeNative(name: string, tests: () => void): void {
  if (whyNoAddon === undefined || isRequired) describe(name, tests);
  else describe.skip(`${name} (${whyNoAddon})`, tests);
}
