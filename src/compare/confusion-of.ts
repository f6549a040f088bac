import { accuracy, cohensKappa } from "../metrics/agreement.ts";
import {
  classFigures,
  macroAverage,
  weightedAverage,
  type AverageFigures,
  type ClassFigures,
} from "../metrics/class-figures.ts";
import { confusionTotals, sumConfusions } from "../metrics/confusion-matrix.ts";
import type { Interval } from "../metrics/student-interval.ts";
import { wilsonInterval } from "../metrics/wilson-interval.ts";
import type { ConfigurationId, TrialId } from "../plan/plan.ts";
import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import type { ConfusionDocument } from "../record/trial-record.ts";
import { ComparisonError } from "./comparison-error.ts";
import type { SweptValues } from "./comparison.ts";
import { configurationOf } from "./configuration-of.ts";
import type { Subject } from "./select.ts";

/** What a confusion matrix was counted from: one seed of a configuration, or several summed. */
export interface ConfusionSource {
  readonly experiment: string;
  readonly runId: string;
  readonly configurationId: ConfigurationId;
  readonly values: SweptValues;
  /** The finished trials whose matrices were summed, in the plan's order; at least one. */
  readonly trials: readonly { readonly trialId: TrialId; readonly seed: number }[];
}

/** One line of the per-class table. */
export interface NamedClassFigures extends ClassFigures {
  readonly name: string;
  /** Test examples of the class. */
  readonly support: number;
  /** 95 % Wilson interval of the precision; absent for sums over seeds, and if the class was never predicted. */
  readonly precisionInterval?: Interval;
  /** 95 % Wilson interval of the recall; absent for sums over seeds, and without examples of the class. */
  readonly recallInterval?: Interval;
}

/** A confusion matrix and everything that follows from it, as plain JSON. */
export interface ConfusionTable {
  readonly schemaVersion: 1;
  readonly source: ConfusionSource;
  readonly classNames: readonly string[];
  /** [true class][predicted class], summed over the source's trials. */
  readonly counts: readonly (readonly number[])[];
  readonly classes: readonly NamedClassFigures[];
  readonly macro: AverageFigures;
  /** Weighted by support. */
  readonly weighted: AverageFigures;
  readonly accuracy: number;
  /**
   * 95 % Wilson interval of the accuracy of one trial. Absent for a sum over seeds: they were tested on the same
   * examples, which the interval would count as new ones.
   */
  readonly accuracyInterval?: Interval;
  readonly cohensKappa: number;
  /** Sum of all counts. */
  readonly exampleCount: number;
}

/**
 * Confusion matrix and per-class table of one trial, or summed over the finished seeds of a configuration.
 * @throws ComparisonError `unknown-reference` if the run has no such trial or configuration, `not-finished` if nothing
 *   of it is finished, `no-confusion` if a finished trial's record has no matrix
 * @throws RangeError if a recorded matrix isn't square
 */
export function confusionOf(records: RunRecords, subject: Subject): ConfusionTable {
  const finished = finishedTrials(records, subject);
  const { classNames } = confusionDocument(finished[0]);
  const counts = sumConfusions(finished.map((record) => confusionDocument(record).counts));
  const figures = classFigures(counts);
  const { trueCounts, rightCounts, exampleCount } = confusionTotals(counts);
  const rightCount = rightCounts.reduce((sum, right) => sum + right, 0);
  return {
    schemaVersion: 1,
    source: sourceOf(records, finished),
    classNames,
    counts,
    classes: figures.map((entry, index) => ({
      name: classNames[index] ?? `${index}`,
      support: trueCounts[index] ?? 0,
      ...entry,
      ...(finished.length > 1 ? {} : ratioIntervals(entry)),
    })),
    macro: macroAverage(figures),
    weighted: weightedAverage(figures),
    accuracy: accuracy(counts),
    ...(finished.length > 1 ? {} : { accuracyInterval: wilsonInterval(rightCount, exampleCount) }),
    cohensKappa: cohensKappa(counts),
    exampleCount,
  };
}

function ratioIntervals({ truePositives, falsePositives, falseNegatives }: ClassFigures) {
  const [predicted, there] = [truePositives + falsePositives, truePositives + falseNegatives];
  return {
    ...(predicted === 0 ? {} : { precisionInterval: wilsonInterval(truePositives, predicted) }),
    ...(there === 0 ? {} : { recallInterval: wilsonInterval(truePositives, there) }),
  };
}

type SomeTrials = readonly [TrialRecord, ...TrialRecord[]];

function finishedTrials(records: RunRecords, subject: Subject): SomeTrials {
  const name = nameOf(subject);
  const [first, ...others] = trialsOf(records, subject);
  if (first === undefined)
    throw new ComparisonError(
      "unknown-reference",
      `run ${records.runId} has no ${name}`,
      "take an id from the comparison of this run",
    );
  const [firstFinished, ...othersFinished] = [first, ...others].filter(({ state }) => state.type === "finished");
  if (firstFinished === undefined)
    throw new ComparisonError(
      "not-finished",
      others.length === 0 ? `${name} is not finished: it is ${first.state.type}` : `${name} has no finished seed`,
      "name a finished trial, or run the experiment again: it goes on where it stopped",
    );
  return [firstFinished, ...othersFinished];
}

function nameOf(subject: Subject): string {
  return subject.type === "trial" ? `trial ${subject.trialId}` : `configuration ${subject.configurationId}`;
}

function trialsOf(records: RunRecords, subject: Subject): TrialRecord[] {
  return records.trials.filter((record) =>
    subject.type === "trial"
      ? record.trial.id === subject.trialId
      : configurationOf(records, record).id === subject.configurationId,
  );
}

function confusionDocument({ trial, key, confusion }: TrialRecord): ConfusionDocument {
  if (confusion !== undefined) return confusion;
  throw new ComparisonError(
    "no-confusion",
    `trial ${trial.id} is finished, but its record ${key} has no confusion matrix`,
    "the record is damaged: evaluate the trial again, or delete its record and run the experiment again",
  );
}

function sourceOf(records: RunRecords, trials: SomeTrials): ConfusionSource {
  const { id, values } = configurationOf(records, trials[0]);
  return {
    experiment: records.experiment,
    runId: records.runId,
    configurationId: id,
    values,
    trials: trials.map(({ trial }) => ({ trialId: trial.id, seed: trial.seed })),
  };
}
