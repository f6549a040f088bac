import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Bundles the report's client as the build does. @returns the new folder that holds it */
export function buildClient(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-report-"));
  const script = fileURLToPath(new URL("../../scripts/build-report.mjs", import.meta.url));
  execFileSync(process.execPath, [script, folder]);
  return folder;
}
