import type { Comparison } from "../compare/comparison.ts";
import type { PlannedConfiguration } from "../plan/plan.ts";
import type { Json } from "./pack-columns.ts";

/**
 * What the HTML report shows, as plain JSON: the contract between the renderer, which embeds it, and the client script,
 * which draws it. What is large and not always looked at stands in blocks beside it (`block-format.ts`).
 */
export interface ReportData {
  readonly schemaVersion: 3;
  readonly description: string | null;
  /** The outcome in one or two sentences. */
  readonly verdict: string;
  readonly comparison: Comparison;
  /** Names of the classes, where all configurations have the same ones. */
  readonly classNames: readonly string[];
  readonly settings: ReportSettings;
  readonly costs: RunCosts;
  /** Of the best trials, in the order of the leaderboard; absent = not collected. */
  readonly calibrations?: readonly TrialCalibration[];
  readonly provenance: readonly FactGroup[];
  /** Of the experiment's benchmark, if nights of it are recorded. */
  readonly nightly?: NightlyHistory;
  /** Pictures of the data; only if somebody asked for them, as data may be private. */
  readonly gallery?: Gallery;
  readonly blocks: readonly BlockEntry[];
  /** Folder of the blocks beside the page, if they don't stand in it. */
  readonly blockFolder?: string;
  /** What is not in this report, and why, in words. */
  readonly leftOut: readonly string[];
}

/** How a benchmark has come out night by night. */
export interface NightlyHistory {
  readonly metric: string;
  /** Whether the metric is a share 0…1. */
  readonly isShare: boolean;
  readonly series: readonly NightlySeries[];
  /** Dates on which the schedule fires and that have no night, with the reason. */
  readonly gaps: readonly { readonly date: string; readonly reason: string }[];
}

/** Nights that can be compared with each other. */
export interface NightlySeries {
  readonly title: string;
  /** In order of time. */
  readonly nights: readonly ReportedNight[];
  /** Stretches of nights with one level. */
  readonly segments: readonly { readonly from: string; readonly to: string; readonly mean: number }[];
}

/** A judged night. */
export interface ReportedNight {
  /** As `2026-11-30`. */
  readonly date: string;
  readonly runId: string;
  /** Absent if seeds are missing. */
  readonly mean?: number;
  /** Figures of the seeds. */
  readonly seeds: readonly number[];
  /** Worst figure that is still within what the nights before allow. */
  readonly limit?: number;
  readonly verdict: string;
  readonly why: string;
  readonly acknowledged?: string;
  readonly commit?: string;
  readonly commitUrl?: string;
}

/** How far a trial's probabilities can be trusted. */
export interface TrialCalibration {
  /** Index into the comparison's trials. */
  readonly trial: number;
  /** Test examples by the probability of the predicted class. */
  readonly bins: readonly CalibrationBin[];
}

/** Examples whose predictions were about equally confident. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
  /** 95 %, of the accuracy. */
  readonly interval: { readonly low: number; readonly high: number };
}

/** What a block holds. */
export type BlockKind = "curves" | "steps" | "counts" | "mistakes" | "pictures";

/** A block and what it is about. */
export interface BlockEntry {
  /** Unique in the report; letters, digits and hyphens. */
  readonly name: string;
  readonly kind: BlockKind;
  /** Indices into the comparison's trials; empty for pictures. */
  readonly trials: readonly number[];
}

/** A block to be written. */
export interface ReportBlock extends BlockEntry {
  readonly bytes: Uint8Array;
}

/** The sections that configurations are made of, each different one once. */
export interface ReportSettings {
  readonly data: readonly Json[];
  readonly model: readonly Json[];
  readonly training: readonly Json[];
  readonly evaluation: readonly Json[];
  /** In the order of the comparison's configurations: indices into the lists above. */
  readonly configurations: readonly Readonly<
    Pick<PlannedConfiguration, "data" | "model" | "training" | "evaluation">
  >[];
}

/** What a run used up. Times are in seconds. */
export interface RunCosts {
  /** Of the finished trials that this run trained, without work that was lost. */
  readonly usefulSeconds: number;
  /** Of all attempts, as far as sessions say; absent in records of older versions, and before a session that goes on has said it. */
  readonly computingSeconds?: number;
  /** Of the machines; absent as above. */
  readonly paidSeconds?: number;
  /** Of the finished trials that were computed on a GPU. */
  readonly gpuSeconds: number;
  /** What trials that earlier runs had finished took there. */
  readonly savedSeconds: number;
  /** Of machine time, in USD, if somebody said so. */
  readonly pricePerHour?: number;
  /** Attempts of each trial, in the order of the comparison's trials; 0 = none that is known. */
  readonly attempts: readonly number[];
}

/** Pictures of the data and of what the best trial says about them. Images are `data:` addresses of PNG files. */
export interface Gallery {
  readonly trialId: string;
  readonly trialSeed: number;
  /** The first training examples. */
  readonly samples: readonly { readonly image: string; readonly label: string }[];
  /** Random test examples. */
  readonly random: readonly PredictedPicture[];
  /** Test examples that were predicted wrong, the surest first. */
  readonly wrong: readonly PredictedPicture[];
  /** How many there are in all. */
  readonly wrongCount: number;
}

/** A test example and what was predicted. */
export interface PredictedPicture {
  readonly image: string;
  /** Number among the test examples that the experiment uses. */
  readonly example: number;
  /** Name of the true class. */
  readonly label: string;
  readonly predicted: string;
  /** Of the predicted class. */
  readonly probability: number;
}

/** Facts under a heading: where the figures came from. */
export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

/** One fact, in words. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}
