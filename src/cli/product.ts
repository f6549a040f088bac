import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CodeIdentity } from "../plan/plan.ts";
import { resultsVersion } from "../contract/results-version.ts";

/** Version of this package, from its package.json. */
export function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  if (typeof content === "object" && content !== null && "version" in content && typeof content.version === "string") {
    return content.version;
  }
  throw new Error("package.json has no version");
}

/** Which code makes the results. */
export function codeIdentity(): CodeIdentity {
  return { packageVersion: packageVersion(), resultsVersion };
}

/** The compiled entry point that workers are started with. */
export function trainerEntry(): string {
  return packageFile("dist/trainer/main.js");
}

/** The compiled entry point of an engine's self-test. */
export function engineSelfTestEntry(): string {
  return packageFile("dist/trainer/engine-self-test.js");
}

/** Absolute path of the package's folder. */
export function packageFolder(): string {
  return packageFile("");
}

/** Absolute path of a file of the package; this file is compiled to dist/src/cli. */
function packageFile(name: string): string {
  return fileURLToPath(new URL(`../../../${name}`, import.meta.url));
}
