import type { ConfirmationRequest } from "../../plan/confirming-plan.ts";
import type { Benchmark } from "../../spec/schema/nightly.ts";
import type { JudgedNight, NightSeries, NightVerdict } from "./nightly-types.ts";
import type { NightChanges } from "./what-changed.ts";

/** A series with what its last night was, and what may explain it. */
export interface CheckedSeries extends NightSeries {
  readonly latest: JudgedNight;
  readonly changes: NightChanges;
}

/** A date on which the schedule fires and that has no night. */
export interface NightGap {
  readonly date: string;
  readonly reason: string;
}

/** What a run is to be repeated with before there is an alarm. */
export interface Confirmation extends ConfirmationRequest {
  /** The suspect run. */
  readonly runId: string;
  /** Why these seeds. */
  readonly why: string;
}

/** What the history of a benchmark says about its last night, as plain JSON. */
export interface BenchmarkCheck {
  readonly schemaVersion: 1;
  readonly benchmark: string;
  readonly rules: Benchmark;
  readonly better: "higher" | "lower";
  /** The worst of the series that the newest run is part of; `no-baseline` without any. */
  readonly verdict: NightVerdict;
  /** Those of the newest run first. */
  readonly series: readonly CheckedSeries[];
  readonly gaps: readonly NightGap[];
  /** Present if the newest run is suspect and the rules ask for a second one. */
  readonly confirmation?: Confirmation;
}
