import type { Provenance } from "../../record/provenance.ts";
import type { EnvironmentDocument } from "../../record/trial-record.ts";

/** One circumstance of a trial, as it was recorded and as it is here. */
export interface Circumstance {
  readonly what: string;
  /** `null` = the record doesn't say. */
  readonly recorded: string | null;
  /** `null` = it can't be found out here. */
  readonly here: string | null;
  /** Whether results must be expected to differ if it does; others only may. */
  readonly isDecisive: boolean;
}

/** What is known of where a trial was, or is, trained. */
export interface TrialCircumstances {
  readonly resultsVersion: number;
  readonly packageVersion: string;
  readonly provenance?: Provenance | undefined;
  /** Absent before it has been trained. */
  readonly environment?: EnvironmentDocument | undefined;
}

/** What a trial depends on, as recorded and as it is here; what neither side knows is left out. */
export function compareCircumstances(recorded: TrialCircumstances, here: TrialCircumstances): Circumstance[] {
  const isRun = here.environment !== undefined;
  const rows: readonly (readonly [what: string, read: (side: TrialCircumstances) => string | undefined])[] = [
    ["nightsweep", ({ packageVersion }) => packageVersion],
    ["project's commit", ({ provenance }) => describeCommit(provenance)],
    ["lock file", ({ provenance }) => provenance?.lockFile?.sha256],
    ["libraries", ({ provenance }) => provenance && describeVersions(provenance.libraries)],
    ["Node.js", ({ provenance, environment }) => environment?.node ?? (provenance && `v${provenance.runtime["node"]}`)],
    ...(isRun ? machineRows : []),
  ];
  const resultsVersion = {
    what: "results version",
    recorded: String(recorded.resultsVersion),
    here: String(here.resultsVersion),
    isDecisive: true,
  };
  const others = rows.map(([what, read]) => {
    return { what, recorded: read(recorded) ?? null, here: read(here) ?? null, isDecisive: false };
  });
  return [resultsVersion, ...others.filter(({ recorded, here }) => recorded !== null || here !== null)];
}

/** Whether a circumstance is known to be another one here. */
export function isDifferent({ recorded, here }: Circumstance): boolean {
  return recorded !== null && here !== null && recorded !== here;
}

const machineRows: readonly (readonly [string, (side: TrialCircumstances) => string | undefined])[] = [
  ["engine", ({ environment }) => environment && `${environment.engine} ${environment.engineVersion}`],
  ["threads", ({ environment }) => environment && String(environment.threads)],
  ["processor", ({ environment }) => environment?.cpu],
  ["graphics processor", ({ environment }) => environment?.machine?.gpus?.join(" + ")],
  ["its driver", ({ environment }) => environment?.machine?.gpuDriver],
  ["platform", ({ environment }) => environment?.platform],
  ["operating system", ({ environment }) => environment?.machine?.os],
  ["container image", ({ environment }) => environment?.imageDigest],
];

function describeCommit(provenance: Provenance | undefined): string | undefined {
  if (provenance?.project === undefined) return undefined;
  const { commit, isDirty, patch } = provenance.project;
  if (!isDirty) return commit;
  const kept = patch !== undefined && "sha256" in patch ? ` (patch ${patch.sha256.slice(0, 12)})` : "";
  return `${commit} and changes${kept}`;
}

function describeVersions(libraries: Provenance["libraries"]): string {
  return Object.entries(libraries)
    .map(([name, version]) => `${name} ${version}`)
    .sort()
    .join(", ");
}
