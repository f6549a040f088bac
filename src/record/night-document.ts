import { z } from "zod";
import type { PlannedConfiguration } from "../plan/plan.ts";

/** One seed of a night's configuration: the figures that nights can be judged by. */
export interface NightSeed {
  readonly seed: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** A configuration as one night found it. */
export interface NightConfiguration {
  readonly configurationId: string;
  /** Swept paths and their values: what makes it the same configuration as in other nights. */
  readonly values: PlannedConfiguration["values"];
  /** Identity of the data that it is trained and tested on. */
  readonly dataSha256: string;
  /** Kind of device that it was computed on: `cpu`, or the GPU's model. */
  readonly device: string;
  readonly engine: string;
  /** Seeds that were planned, ascending. */
  readonly plannedSeeds: readonly number[];
  /** Those that are finished, ascending. */
  readonly seeds: readonly NightSeed[];
  /** Why the others are not, one sentence each. */
  readonly missing: readonly string[];
}

/** Where a night's figures come from: what may explain that they differ from another night's. */
export interface NightCircumstances {
  readonly nightsweep: string;
  readonly resultsVersion: number;
  /** Commit of the project that the experiment is in. */
  readonly commit?: string;
  readonly isDirty?: boolean;
  /** Address of the project's repository. */
  readonly origin?: string;
  readonly engineVersion?: string;
  readonly imageDigest?: string;
  readonly node?: string;
  readonly gpuDriver?: string;
  /** Of the experiment file. */
  readonly experimentSha256?: string;
  /** Of the lock file beside it. */
  readonly lockFileSha256?: string;
}

/** `history/<benchmark>/<date>-<runId>.json`: what one run of a benchmark came to. Outlives the run's records. */
export interface NightDocument {
  readonly schemaVersion: 1;
  /** Name of the experiment. */
  readonly benchmark: string;
  /** `YYYY-MM-DD` in the schedule's time zone. */
  readonly date: string;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The run that it was to confirm, if it is no night of its own. */
  readonly confirms?: string;
  readonly circumstances: NightCircumstances;
  readonly configurations: readonly NightConfiguration[];
}

/** `history/<benchmark>/acknowledged/<id>.json`: people know of a change and take what it came to as it is. */
export interface Acknowledgement {
  readonly schemaVersion: 1;
  readonly benchmark: string;
  /** The first night of the new level. */
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly reason: string;
}

const text = z.string();

/** All that is kept of a benchmark's nights. */
export interface BenchmarkHistory {
  /** In order of time. */
  readonly nights: readonly NightDocument[];
  readonly acknowledgements: readonly Acknowledgement[];
}

/** A night of the history. */
export const nightSchema: z.ZodType<NightDocument> = z.object({
  schemaVersion: z.literal(1),
  benchmark: text,
  date: text.regex(/^\d{4}-\d\d-\d\d$/),
  runId: text,
  startedAt: text,
  confirms: text.exactOptional(),
  circumstances: z.object({
    nightsweep: text,
    resultsVersion: z.int(),
    commit: text.exactOptional(),
    isDirty: z.boolean().exactOptional(),
    origin: text.exactOptional(),
    engineVersion: text.exactOptional(),
    imageDigest: text.exactOptional(),
    node: text.exactOptional(),
    gpuDriver: text.exactOptional(),
    experimentSha256: text.exactOptional(),
    lockFileSha256: text.exactOptional(),
  }),
  configurations: z.array(
    z.object({
      configurationId: text,
      values: z.record(text, z.union([text, z.number(), z.boolean(), z.null()])),
      dataSha256: text,
      device: text,
      engine: text,
      plannedSeeds: z.array(z.int()),
      seeds: z.array(z.object({ seed: z.int(), figures: z.record(text, z.number()) })),
      missing: z.array(text),
    }),
  ),
});

/** An acknowledgement of the history. */
export const acknowledgementSchema: z.ZodType<Acknowledgement> = z.object({
  schemaVersion: z.literal(1),
  benchmark: text,
  runId: text,
  at: text,
  reason: text,
});
