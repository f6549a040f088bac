import type { NightCircumstances, NightConfiguration } from "../../record/night-document.ts";

/** What a night is judged to be. */
export type NightVerdict =
  /** Within what the nights before it allow. */
  | "ok"
  /** Better than they allow, and by enough to count. */
  | "improved"
  /** Worse, and not yet confirmed. */
  | "suspect"
  /** Worse, and confirmed: by a run of its own, by the night before it, or by a drift over many nights. */
  | "regressed"
  /** Too few nights before it. */
  | "no-baseline"
  /** Not all seeds are finished: its mean can't be compared. */
  | "incomplete";

/** What makes nights comparable. */
export interface SeriesKey {
  readonly benchmark: string;
  readonly values: NightConfiguration["values"];
  readonly seeds: readonly number[];
  readonly device: string;
  readonly dataSha256: string;
  readonly engine: string;
}

/** The seeds of one run. */
export interface NightFigures {
  readonly runId: string;
  readonly seeds: readonly { readonly seed: number; readonly value: number }[];
}

/** One night of a series, before it is judged. */
export interface NightPoint extends NightFigures {
  readonly date: string;
  readonly configurationId: string;
  readonly circumstances: NightCircumstances;
  /** The run that was to confirm it, if there was one and it is finished. */
  readonly confirmation?: NightFigures;
  /** Why seeds are missing; empty if none is. */
  readonly missing: readonly string[];
}

/** What a night is judged by: the level before it and how far nights lie apart. */
export interface Baseline {
  /** Mean of the nights of the current segment. */
  readonly mean: number;
  /** Standard deviation of a night. */
  readonly sd: number;
  /** Nights of the current segment. */
  readonly nights: number;
  /** First date of the segment. */
  readonly since: string;
}

/** A night with its verdict. */
export interface JudgedNight extends NightPoint {
  /** Over the seeds; absent if the night is incomplete. */
  readonly mean?: number;
  readonly verdict: NightVerdict;
  readonly baseline?: Baseline;
  /** Worst figure that is still within what the nights before allow. */
  readonly limit?: number;
  /** In words. */
  readonly why: string;
  /** What people wrote when they took the change as it is. */
  readonly acknowledged?: string;
}

/** How a series is judged; the `benchmark:` section, and in which direction its metric is better. */
export interface NightRules {
  readonly minimumEffect: number;
  readonly level: number;
  readonly minimumNights: number;
  readonly better: "higher" | "lower";
}

/** A stretch of nights with one level. */
export interface NightSegment {
  readonly from: string;
  readonly to: string;
  readonly nights: number;
  readonly mean: number;
}

/** All nights of one configuration that can be compared with each other, judged. */
export interface NightSeries {
  readonly key: SeriesKey;
  /** In order of time, at least one. */
  readonly nights: readonly JudgedNight[];
  readonly segments: readonly NightSegment[];
}
