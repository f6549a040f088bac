import { z } from "zod";
import type { ClaimHolder } from "../contract/worker-messages.ts";
import type { TrialId } from "../plan/plan.ts";
import { trialIdSchema, trialResultSchema } from "./record-schemas.ts";
import type { TrialResult } from "./trial-record.ts";

/** A result whose files are all written: whoever takes the claim over puts it in place instead of training again. */
export interface ReadyResult {
  readonly experiment: string;
  readonly runId: string;
  readonly result: TrialResult;
}

/** `claims/<trialId>.json`: who trains a trial now, or did last. */
export interface ClaimDocument {
  readonly schemaVersion: 1;
  readonly trialId: TrialId;
  /** Raised by every take-over, never lowered: 1 + the number of holders that were overtaken. */
  readonly token: number;
  readonly state: "held" | "released";
  /** Random, another one for every attempt. */
  readonly claimId: string;
  /** Raised by the holder as a sign of life. */
  readonly beat: number;
  readonly holder: ClaimHolder;
  readonly ready?: ReadyResult;
}

const holderSchema: z.ZodType<ClaimHolder> = z.object({
  experiment: z.string(),
  runId: z.string(),
  session: z.string(),
  host: z.string(),
  space: z.string(),
  pid: z.int(),
  since: z.string(),
  lastSign: z.string(),
});

/** `claims/<trialId>.json`. */
export const claimSchema: z.ZodType<ClaimDocument> = z.object({
  schemaVersion: z.literal(1),
  trialId: trialIdSchema,
  token: z.int().min(1),
  state: z.enum(["held", "released"]),
  claimId: z.string(),
  beat: z.int().min(0),
  holder: holderSchema,
  ready: z.object({ experiment: z.string(), runId: z.string(), result: trialResultSchema }).exactOptional(),
});
