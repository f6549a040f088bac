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
