import { readFile } from "node:fs/promises";
import path from "node:path";
import type { CollectedProvenance, Provenance } from "../../record/provenance.ts";
import { sha256Of } from "../../record/sha256-of.ts";
import { describeProject } from "./describe-project.ts";
import { hidePasswords } from "./hide-passwords.ts";

/** What only the command line knows of itself. */
export interface OwnFacts extends Pick<Provenance, "libraries" | "prices"> {
  readonly version: string;
  readonly resultsVersion: number;
  /** Folder of the package. */
  readonly packageFolder: string;
  readonly command: readonly string[];
  readonly workingFolder: string;
}

/** Lock files by package manager; the first one found in a folder counts. */
const lockFiles = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "uv.lock",
  "poetry.lock",
  "Pipfile.lock",
];

/** Versions of what Node.js brings along and may change numbers or files. */
const runtimeParts = ["node", "v8", "zlib"];

/**
 * Where the trials of an experiment file come from. What can't be found out is left out: provenance never stops a run.
 * @param experimentFile absolute path of the experiment file
 */
export async function collectProvenance(experimentFile: string, own: OwnFacts): Promise<CollectedProvenance> {
  const folder = path.dirname(experimentFile);
  const [experiment, described, lockFile, code] = await Promise.all([
    fingerprint(experimentFile),
    describeProject(folder),
    findLockFile(folder),
    describeCode(own.packageFolder),
  ]);
  const document: Provenance = {
    schemaVersion: 1,
    nightsweep: { version: own.version, resultsVersion: own.resultsVersion, ...code },
    command: own.command.map(hidePasswords),
    workingFolder: own.workingFolder,
    experimentFile: { name: experimentFile, sha256: experiment ?? "" },
    ...(described && { project: described.project }),
    ...(lockFile && { lockFile }),
    libraries: own.libraries,
    runtime: Object.fromEntries(runtimeParts.map((part) => [part, process.versions[part] ?? "unknown"])),
    ...(own.prices && { prices: own.prices }),
  };
  return { document, ...(described?.patch && { patch: described.patch }) };
}

/** The lock file nearest to a folder: in it, or in one above it. */
async function findLockFile(folder: string): Promise<Provenance["lockFile"]> {
  for (let current = folder; ; current = path.dirname(current)) {
    for (const name of lockFiles) {
      const sha256 = await fingerprint(path.join(current, name));
      if (sha256 !== undefined) return { name: path.join(current, name), sha256 };
    }
    if (current === path.dirname(current)) return undefined;
  }
}

/** The commit of a checkout of nightsweep itself; an installed package has none, whatever repository it lies in. */
async function describeCode(packageFolder: string): Promise<{ readonly commit?: string }> {
  if (packageFolder.split(path.sep).includes("node_modules")) return {};
  const described = await describeProject(packageFolder, { maxBytes: 0 });
  if (described === undefined) return {};
  return { commit: `${described.project.commit}${described.project.isDirty ? " and changes" : ""}` };
}

async function fingerprint(file: string): Promise<string | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes && sha256Of(bytes);
}
