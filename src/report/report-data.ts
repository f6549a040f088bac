import type { Comparison } from "../compare/comparison.ts";
import type { ConfusionTable } from "../compare/confusion-of.ts";
import type { LearningCurves } from "../compare/learning-curves.ts";

/**
 * What the HTML report shows, as plain JSON: the contract between the renderer, which embeds it, and the client script,
 * which draws it.
 */
export interface ReportData {
  readonly schemaVersion: 1;
  readonly description: string | null;
  /** The outcome in one or two sentences. */
  readonly verdict: string;
  readonly comparison: Comparison;
  readonly curves: LearningCurves;
  /** Of configurations (summed over seeds) and single trials. */
  readonly confusions: readonly SubjectConfusion[];
  /** Subjects whose matrices were left out to keep the file small. */
  readonly omittedConfusionCount: number;
  readonly provenance: readonly FactGroup[];
  /** Pictures of the data; only if somebody asked for them, as data may be private. */
  readonly gallery?: Gallery;
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
  /** Index in the test file. */
  readonly example: number;
  /** Name of the true class. */
  readonly label: string;
  readonly predicted: string;
  /** Of the predicted class. */
  readonly probability: number;
}

/** A confusion matrix and what it is of. */
export interface SubjectConfusion {
  readonly type: "configuration" | "trial";
  /** In words: `lenet5 · learningRate 0.001 · seed 2`. */
  readonly label: string;
  readonly table: ConfusionTable;
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
