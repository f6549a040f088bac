import { percentileInterval, stratifiedMeans } from "../metrics/bootstrap.ts";
import { signTest } from "../metrics/exact-tests.ts";
import { seededRandom } from "../metrics/seeded-random.ts";
import type { Interval } from "../metrics/student-interval.ts";
import type { Predictions } from "../record/trial-record.ts";
import { ComparisonError } from "./comparison-error.ts";

/** What one seed of a configuration said about the test examples. */
export interface SeedPredictions {
  readonly seed: number;
  readonly predictions: Predictions;
}

/** Two models on the same test examples, as plain JSON. What it says is about these models, not about other seeds. */
export interface ModelDuel {
  readonly examples: number;
  /** Trials that A was averaged over. */
  readonly trialsA: number;
  readonly trialsB: number;
  readonly accuracyA: number;
  readonly accuracyB: number;
  /** accuracyA − accuracyB. */
  readonly difference: number;
  /** 95 % interval of the difference over test examples: percentiles of 2,000 paired resamples, class by class. */
  readonly interval: Interval;
  /** Examples that A has right and B wrong; of several seeds: that A has right more often. Clearest first. */
  readonly onlyA: readonly number[];
  /** The reverse. */
  readonly onlyB: readonly number[];
  /** Two-sided p of the exact sign test of `onlyA` against `onlyB`; with one trial each, McNemar's exact test. */
  readonly p: number;
}

/**
 * Compares two models, or the seeds of two configurations, on one test set.
 * Several seeds are averaged example by example first: the examples are what is independent, not the seeds' answers.
 * @param a one or more
 * @param b one or more, of the same test examples
 * @throws ComparisonError `different-examples` if the test examples aren't the same
 * @see McNemar (1947), Psychometrika 12; Berg-Kirkpatrick et al. (2012), An empirical investigation of statistical
 *   significance in NLP (paired bootstrap)
 */
export function compareModels(a: readonly SeedPredictions[], b: readonly SeedPredictions[]): ModelDuel {
  const labels = commonLabels([...a, ...b]);
  const [rightA, rightB] = [shareRight(a, labels), shareRight(b, labels)];
  const differences = rightA.map((share, example) => share - (rightB[example] ?? 0));
  const onlyA = clearestFirst(differences, 1);
  const onlyB = clearestFirst(differences, -1);
  const [accuracyA, accuracyB] = [average(rightA), average(rightB)];
  return {
    examples: labels.length,
    trialsA: a.length,
    trialsB: b.length,
    accuracyA,
    accuracyB,
    difference: accuracyA - accuracyB,
    interval: percentileInterval(stratifiedMeans(differences, labels, 2000, seededRandom(1))),
    onlyA,
    onlyB,
    p: signTest(onlyA.length, onlyB.length),
  };
}

/**
 * The true classes of the test examples that several trials have in common.
 * @throws ComparisonError `different-examples` if they haven't
 */
export function commonLabels(trials: readonly SeedPredictions[]): Uint16Array {
  const first = trials[0]?.predictions.labels;
  if (first === undefined || first.length === 0) throw new RangeError("there are no predictions to compare");
  if (hasSameExamples(trials)) return first;
  throw new ComparisonError(
    "different-examples",
    "the two were not tested on the same examples: they can't be compared example by example",
    "compare trials of the same data set with the same test part",
  );
}

/** Whether trials were tested on equally many examples of the same classes in the same order. */
export function hasSameExamples(trials: readonly SeedPredictions[]): boolean {
  const [first, ...others] = trials.map(({ predictions }) => predictions.labels);
  return others.every(
    (labels) => labels.length === first?.length && labels.every((label, example) => label === first[example]),
  );
}

/** How large a part of the seeds has each example right, shape [examples]. */
function shareRight(seeds: readonly SeedPredictions[], labels: Uint16Array): Float64Array {
  return Float64Array.from(labels, (label, example) => {
    let right = 0;
    for (const { predictions } of seeds) if (predictions.predicted[example] === label) right++;
    return right / seeds.length;
  });
}

function clearestFirst(differences: Float64Array, sign: 1 | -1): number[] {
  const examples: number[] = [];
  // Thirds and halves don't cancel exactly.
  for (const [example, difference] of differences.entries()) if (sign * difference > 1e-9) examples.push(example);
  return examples.sort((x, y) => sign * ((differences[y] ?? 0) - (differences[x] ?? 0)) || x - y);
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
