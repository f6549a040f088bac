import { z } from "zod";
import { failureKinds } from "../contract/worker-messages.ts";
import type { TrialId } from "../plan/plan.ts";
import { monitors } from "../spec/schema/monitor.ts";
import type { RunDocument } from "./run-records.ts";
import type {
  AttemptFacts,
  ConfusionDocument,
  EnvironmentDocument,
  EpochTiming,
  FailureDocument,
  LedgerEntry,
  MachineFacts,
  MetricsLine,
  TestFigures,
  TrialResult,
} from "./trial-record.ts";

// What is read from a store is checked against these; the annotations hold them to the documented types.

const schemaVersion = z.literal(1);
const count = z.int().min(0);

/** A trial's id, as it also stands in object keys. */
export const trialIdSchema = z.custom<TrialId>(
  (value) => typeof value === "string" && /^[A-Za-z0-9_-]+$/.test(value),
  "expected a trial id",
);

const lossAndAccuracySchema = z.object({ loss: z.number(), accuracy: z.number() });

const metricsFields = {
  epoch: z.int().min(1),
  step: count,
  learningRate: z.number(),
  ...lossAndAccuracySchema.shape,
};

/** A line of `metrics.jsonl`. */
export const metricsLineSchema: z.ZodType<MetricsLine> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("epoch"),
    ...metricsFields,
    validation: lossAndAccuracySchema.exactOptional(),
    test: lossAndAccuracySchema.exactOptional(),
  }),
  z.object({ kind: z.literal("step"), ...metricsFields }),
]);

/** A line of `timings.jsonl`. */
export const epochTimingSchema: z.ZodType<EpochTiming> = z.object({
  epoch: z.int().min(1),
  attempt: z.int().min(1),
  seconds: z.number(),
  examplesPerSecond: z.number(),
});

/** `confusion.json`. */
export const confusionSchema: z.ZodType<ConfusionDocument> = z.object({
  schemaVersion,
  classNames: z.array(z.string()),
  counts: z.array(z.array(count)),
  classes: z.array(
    z.object({
      truePositives: count,
      falsePositives: count,
      falseNegatives: count,
      trueNegatives: count,
      precision: z.number(),
      recall: z.number(),
      f1: z.number(),
    }),
  ),
});

const testFiguresSchema: z.ZodType<TestFigures> = lossAndAccuracySchema.extend({
  macroF1: z.number(),
  weightedF1: z.number().exactOptional(),
  cohensKappa: z.number().exactOptional(),
  logLoss: z.number().exactOptional(),
  brierScore: z.number().exactOptional(),
  expectedCalibrationError: z.number().exactOptional(),
  topKAccuracies: z.array(z.number()).exactOptional(),
});

/** `result.json`. */
export const trialResultSchema: z.ZodType<TrialResult> = z.object({
  schemaVersion,
  trialId: trialIdSchema,
  epochs: count,
  steps: count,
  parameterCount: count,
  testedEpoch: count,
  stoppedEarly: z
    .object({ epoch: count, monitor: z.enum(monitors), best: z.number(), bestEpoch: count })
    .exactOptional(),
  train: lossAndAccuracySchema,
  validation: lossAndAccuracySchema.exactOptional(),
  test: testFiguresSchema,
  files: z.record(z.string(), z.string()),
});

/** `failure.json`. */
export const failureSchema: z.ZodType<FailureDocument> = z.object({
  schemaVersion,
  trialId: trialIdSchema,
  attempt: z.int().min(1),
  kind: z.enum(failureKinds),
  reason: z.string(),
});

const machineSchema: z.ZodType<MachineFacts> = z.object({
  os: z.string(),
  cores: count,
  memoryBytes: count,
  gpus: z.array(z.string()).exactOptional(),
  gpuDriver: z.string().exactOptional(),
});

const attemptSchema: z.ZodType<AttemptFacts> = z.object({
  attempt: z.int().min(1),
  startedAt: z.string(),
  fromStep: count,
  packageVersion: z.string(),
  engine: z.string(),
  engineVersion: z.string(),
  threads: count,
  node: z.string(),
  hostname: z.string(),
  cpu: z.string(),
  provenance: z.string().exactOptional(),
});

/** `environment.json`. */
export const environmentSchema: z.ZodType<EnvironmentDocument> = z.object({
  schemaVersion,
  engine: z.string(),
  engineVersion: z.string(),
  engineDetails: z.record(z.string(), z.string()).exactOptional(),
  packageVersion: z.string(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  threads: count,
  hostname: z.string(),
  attempt: z.int().min(1),
  startedAt: z.string(),
  finishedAt: z.string(),
  seconds: z.number(),
  peakMemoryBytes: count,
  machine: machineSchema.exactOptional(),
  imageDigest: z.string().exactOptional(),
  provenance: z.string().exactOptional(),
  attempts: z.array(attemptSchema).exactOptional(),
  files: z.record(z.string(), z.string()).exactOptional(),
});

/** `trials/<trialId>.json`. */
export const ledgerEntrySchema: z.ZodType<LedgerEntry> = z.object({
  schemaVersion,
  trialId: trialIdSchema,
  experiment: z.string(),
  runId: z.string(),
});

/** `run.json`. */
export const runDocumentSchema: z.ZodType<RunDocument> = z.object({
  schemaVersion,
  runId: z.string(),
  experiment: z.string(),
  planId: z.string(),
  createdAt: z.string(),
  experimentFile: z.string(),
  ignoresLedger: z.boolean().exactOptional(),
  confirms: z.string().exactOptional(),
  execution: z.string().exactOptional(),
  commit: z.string().exactOptional(),
});
