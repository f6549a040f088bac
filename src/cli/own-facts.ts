import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { OwnFacts } from "../orchestrate/provenance/collect-provenance.ts";
import { sha256Of } from "../record/sha256-of.ts";
import { codeIdentity, packageFolder } from "./product.ts";

/** What the command line knows of itself, for the provenance of trials. */
export function ownFacts(): OwnFacts {
  const { packageVersion: version, resultsVersion } = codeIdentity();
  const prices = describePrices();
  return {
    version,
    resultsVersion,
    packageFolder: packageFolder(),
    command: ["nightsweep", ...process.argv.slice(2)],
    workingFolder: process.cwd(),
    libraries: libraryVersions(),
    ...(prices && { prices }),
  };
}

/** Versions of the packages that this one depends on, as they are installed. */
function libraryVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const { dependencies } = readJson(path.join(packageFolder(), "package.json"));
  if (typeof dependencies !== "object" || dependencies === null) return {};
  const entries = Object.keys(dependencies).flatMap((name) => {
    const folder = (require.resolve.paths(name) ?? []).map((root) => path.join(root, name, "package.json"));
    const version = folder.map((file) => readJson(file)["version"]).find((found) => typeof found === "string");
    return version === undefined ? [] : [[name, version] as const];
  });
  return Object.fromEntries(entries);
}

/** The price list that comes with nightsweep. */
function describePrices(): OwnFacts["prices"] {
  const name = "instance-prices.json";
  const file = fileURLToPath(new URL(name, import.meta.url));
  const { dated } = readJson(file);
  return typeof dated === "string" ? { name, sha256: sha256Of(readFileSync(file)), dated } : undefined;
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof content === "object" && content !== null ? { ...content } : {};
  } catch {
    return {};
  }
}
