import type { Interval } from "../metrics/student-interval.ts";
import type { ConfigurationId } from "../plan/plan.ts";

/** What configurations can be ranked by. */
export type RankingMetric = "validationAccuracy" | "testAccuracy";

/** A t test, and its p value adjusted for the number of configurations (Holm). */
export interface AdjustedTest {
  readonly t: number;
  readonly degreesOfFreedom: number;
  /** Two-sided, 0…1. */
  readonly p: number;
  readonly adjustedP: number;
}

/** A configuration against the baseline, by the ranking metric over their seeds. */
export interface ConfigurationTest {
  readonly configurationId: ConfigurationId;
  /** Mean of the baseline − mean of the configuration. */
  readonly difference: number;
  /** 95 % confidence interval of the difference (Welch), not adjusted. */
  readonly interval?: Interval;
  /** Seeds as independent samples, variances of their own. */
  readonly welch?: AdjustedTest;
  /** Only over seeds that both have: what a seed does to both cancels. */
  readonly paired?: AdjustedTest & { readonly seeds: number };
  /** Difference in standard deviations over seeds (pooled). */
  readonly cohensD?: number;
  /** Whether Welch's adjusted p is below the level. Absent if it can't be tested: see `why`. */
  readonly isDifferent?: boolean;
  /** Why it can't be tested, one sentence. */
  readonly why?: string;
}

/** Every ranked configuration against one of them. */
export interface RankingTests {
  readonly metric: RankingMetric;
  readonly baselineId: ConfigurationId;
  readonly level: number;
  readonly correction: "holm";
  /** In the order of the ranking, without the baseline. */
  readonly tests: readonly ConfigurationTest[];
}

/** How much a swept field matters. */
export interface FieldImportance {
  /** Swept path. */
  readonly path: string;
  /** Part of what all fields explain, 0…1; the parts add up to 1 unless no field matters. */
  readonly share: number;
  /** By how much the forest's R² falls if the field's values are shuffled: mean over the trees, about 0 = no matter. */
  readonly permutation: number;
  /** Standard deviation of `permutation` over the trees. */
  readonly sd: number;
  /** Spearman's rank correlation with the metric, −1…1; absent for names, and for fields that some trials lack. */
  readonly rankCorrelation?: number;
  /** Two-sided p of the rank correlation. */
  readonly rankCorrelationP?: number;
}

/** Which swept fields matter for the metric. */
export interface Importance {
  readonly metric: RankingMetric;
  /** Finished trials that it was learned from. */
  readonly trials: number;
  /** R² on trials that the trees haven't seen, ≤ 1: where it is low, the parts say little. */
  readonly explained: number;
  /** Most important first. */
  readonly fields: readonly FieldImportance[];
}

/** What better figures are weighed against. */
export type ParetoCost = "meanSeconds" | "parameterCount" | "meanUsd";

/** The ranked configurations that no other one beats: none is at least as good and as cheap, and better in one. */
export interface ParetoFront {
  readonly metric: RankingMetric;
  readonly cost: ParetoCost;
  /** Cheapest first. */
  readonly configurationIds: readonly ConfigurationId[];
}
