import type { ConfigurationId, PlannedConfiguration, TrialId } from "../plan/plan.ts";
import type { LossAndAccuracy, StoppedEarly, TestFigures } from "../record/trial-record.ts";
import type { Interval } from "../metrics/student-interval.ts";
import type { Importance, ParetoFront, RankingMetric, RankingTests } from "./comparison-statistics.ts";

/** The figures of a finished trial that are summarised over seeds, in the order tables show them. */
export const metricNames = [
  "testAccuracy",
  "testLoss",
  "testMacroF1",
  "testWeightedF1",
  "testTopK",
  "testCohensKappa",
  "testLogLoss",
  "testBrierScore",
  "testCalibrationError",
  "validationAccuracy",
  "validationLoss",
  "trainAccuracy",
  "trainLoss",
] as const;

/** One of the figures of a finished trial. */
export type MetricName = (typeof metricNames)[number];

/** Swept paths and their values. */
export type SweptValues = PlannedConfiguration["values"];

/** One seed's value of a metric. */
export interface SeedValue {
  readonly seed: number;
  readonly trialId: TrialId;
  readonly value: number;
}

/** A metric over the finished seeds of one configuration. */
export interface MetricSummary {
  /** Number of seeds. */
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation (divisor n − 1). Absent with fewer than two seeds. */
  readonly sd?: number;
  /** 95 % confidence interval of the mean (Student's t). Absent with fewer than two seeds. */
  readonly interval?: Interval;
  /**
   * 95 % bootstrap interval of the mean (BCa). Only of the metric that ranks, for the first 200 of the ranking, from
   * five seeds on: with fewer it is far too narrow.
   */
  readonly bootstrap?: Interval;
  /** Highest value of an accuracy, F1 or kappa, lowest of a loss or error; ties: the lower seed. */
  readonly best: SeedValue;
  readonly worst: SeedValue;
}

/** How many trials there are in each state. */
export interface TrialCounts {
  readonly planned: number;
  readonly finished: number;
  readonly failed: number;
  /** Started and not ended: running now, or interrupted. */
  readonly started: number;
  readonly pending: number;
}

/** One line of the leaderboard: a configuration with its seeds taken together. */
export interface ConfigurationRow {
  readonly configurationId: ConfigurationId;
  /** From 1. Only complete configurations (all planned seeds finished) have a rank: a mean without its failed seeds flatters. */
  readonly rank?: number;
  /**
   * Rank with ties: the rank of the first configuration that this one can't be told from. Absent if that can't be
   * tested: with a single seed, or far down a very long ranking.
   */
  readonly tiedRank?: number;
  readonly values: SweptValues;
  readonly parameterCount: number;
  /** Counts of the configuration's seeds. */
  readonly seeds: TrialCounts;
  /** Over the finished seeds; a metric is absent if one of them lacks it, and all are if none is finished. */
  readonly metrics: Readonly<Partial<Record<MetricName, MetricSummary>>>;
  /** Mean training time of the finished seeds whose time is known. */
  readonly meanSeconds?: number;
  /** `meanSeconds` at the price of `run.budget.pricePerHour`; absent without one. */
  readonly meanUsd?: number;
  /** Why the configuration is not ranked; empty if it is. */
  readonly reasons: readonly string[];
}

/** One trial with its figures. */
export interface TrialRow {
  readonly trialId: TrialId;
  readonly configurationId: ConfigurationId;
  readonly seed: number;
  readonly values: SweptValues;
  readonly state: "finished" | "failed" | "started" | "pending";
  /** Epochs done, 0 if none. */
  readonly epochs: number;
  /** The epoch whose weights were tested and saved. */
  readonly testedEpoch?: number;
  /** When and why the training stopped before its budget was used up. */
  readonly stoppedEarly?: StoppedEarly;
  readonly train?: LossAndAccuracy;
  readonly validation?: LossAndAccuracy;
  readonly test?: TestFigures;
  /** Wall time, once the trial is finished. */
  readonly seconds?: number;
  /** Why the last attempt failed. */
  readonly failure?: { readonly kind: string; readonly reason: string; readonly attempt: number };
  /** The run that finished the trial, if it was taken over. */
  readonly cachedFrom?: string;
}

/** What the leaderboard is ordered by. */
export interface Ranking {
  readonly metric: RankingMetric;
  /** One sentence for people: what was selected on what, and what follows for the test figures. */
  readonly why: string;
}

/** Something a reader must know to trust the figures. */
export interface ComparisonNote {
  readonly code:
    | "nothing-finished"
    | "not-ranked"
    | "no-interval"
    | "too-few-seeds"
    | "best-of-n"
    | "different-examples"
    | "mixed-engines"
    | "mixed-threads"
    | "cached";
  readonly message: string;
}

/** Engine and threads, and how many finished trials they computed. */
export interface EnvironmentCount {
  readonly engine: string;
  readonly engineVersion: string;
  readonly threads: number;
  readonly trials: number;
}

/** The comparison of a run's trials, as plain JSON. */
export interface Comparison {
  readonly schemaVersion: 1;
  readonly experiment: string;
  readonly runId: string;
  readonly planId: string;
  readonly trialCounts: TrialCounts;
  /** The k of the metric `testTopK`; absent if nobody asked for a top-k accuracy. */
  readonly topK?: number;
  /** Absent while no trial is finished. */
  readonly rankedBy?: Ranking;
  /** Swept paths whose values differ between configurations, in the sweep's order: the leaderboard's columns. */
  readonly columns: readonly string[];
  /** Best first; configurations without a rank last. */
  readonly configurations: readonly ConfigurationRow[];
  /** In the plan's order. */
  readonly trials: readonly TrialRow[];
  /** Each ranked configuration against the best, or against the baseline that was asked for. Absent with fewer than two. */
  readonly tests?: RankingTests;
  /** Which swept fields matter. Absent with fewer than 20 finished trials. */
  readonly importance?: Importance;
  /** What is not beaten in figures and cost together; a front for each cost that is known. */
  readonly pareto: readonly ParetoFront[];
  readonly environments: readonly EnvironmentCount[];
  readonly notes: readonly ComparisonNote[];
}
