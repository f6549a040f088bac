import { fisherTest, signTest } from "../metrics/exact-tests.ts";
import { benjaminiHochberg } from "../metrics/multiple-tests.ts";
import type { ConfusionTable } from "./confusion-of.ts";
import { commonLabels, type SeedPredictions } from "./model-duel.ts";

/** Whether one cell of two confusion matrices differs by more than chance. */
export interface CellTest {
  readonly trueIndex: number;
  readonly predictedIndex: number;
  /** Sign test: examples that A puts into the cell more often than B. Fisher's: how many A puts there, per trial. */
  readonly moreInA: number;
  readonly moreInB: number;
  /** Two-sided, 0…1. */
  readonly p: number;
  readonly adjustedP: number;
}

/** p of a test and p adjusted for the number of tests. */
export interface AdjustedP {
  readonly p: number;
  readonly adjustedP: number;
}

/** Which cells and classes of two confusion matrices differ by more than chance. */
export interface CellSignificance {
  /** `sign`: exact sign test on the same test examples (McNemar's). `fisher`: exact test of two shares. */
  readonly test: "sign" | "fisher";
  readonly correction: "benjamini-hochberg";
  /** Of the cells whose adjusted p is below it, at most this share is expected to be false. */
  readonly level: number;
  /** What was tested, one sentence. */
  readonly note: string;
  /** Cells that could be tested: those that at least one example is in (Fisher's), or only for one of the two (sign). */
  readonly testedCells: number;
  /** At most 1,000, the smallest p first. */
  readonly cells: readonly CellTest[];
  /** Recall of each class, in their order; p is 1 for a class that can't be tested. */
  readonly classes: readonly AdjustedP[];
}

const level = 0.05;
const mostCells = 1000;

/**
 * Tests every cell on the same test examples: of those of a true class, how many only A puts into the cell, and how
 * many only B. Several seeds are averaged example by example first.
 * @param classCount number of classes
 * @throws ComparisonError `different-examples` if the test examples aren't the same
 */
export function signCells(
  a: readonly SeedPredictions[],
  b: readonly SeedPredictions[],
  classCount: number,
): CellSignificance {
  const labels = commonLabels([...a, ...b]);
  const counts = new Map<number, { a: number; b: number }>();
  const votes = new Map<number, number>();
  for (const [example, label] of labels.entries()) {
    votes.clear();
    for (const { predictions } of a) addVote(votes, predictions.predicted[example] ?? 0, 1 / a.length);
    for (const { predictions } of b) addVote(votes, predictions.predicted[example] ?? 0, -1 / b.length);
    for (const [predicted, difference] of votes) {
      if (Math.abs(difference) < 1e-9) continue;
      const cell = label * classCount + predicted;
      const count = counts.get(cell) ?? { a: 0, b: 0 };
      counts.set(cell, count);
      if (difference > 0) count.a++;
      else count.b++;
    }
  }
  const tested = [...counts].map(([cell, { a: moreInA, b: moreInB }]) => ({
    cell,
    moreInA,
    moreInB,
    p: signTest(moreInA, moreInB),
  }));
  return significanceOf(
    "sign",
    "Each cell by an exact sign test on the same test examples: how many only A puts there against how many only B.",
    tested,
    classCount,
  );
}

/**
 * Tests every cell by its counts alone: the share of a true class that A puts there against B's. Weaker than the sign
 * test where both were tested on the same examples; sums over seeds count once, as the mean of a trial.
 */
export function fisherCells(a: ConfusionTable, b: ConfusionTable): CellSignificance {
  const [perTrialA, perTrialB] = [roundedPerTrial(a), roundedPerTrial(b)];
  const tested = perTrialA.flatMap((row, trueIndex) => {
    const [ofA, ofB] = [sum(row), sum(perTrialB[trueIndex] ?? [])];
    return row.flatMap((moreInA, predictedIndex) => {
      const moreInB = perTrialB[trueIndex]?.[predictedIndex] ?? 0;
      if (moreInA + moreInB === 0) return [];
      const cell = trueIndex * a.counts.length + predictedIndex;
      return [{ cell, moreInA, moreInB, p: fisherTest(moreInA, ofA, moreInB, ofB) }];
    });
  });
  return significanceOf(
    "fisher",
    "Each cell by Fisher's exact test of the two counts, as if they were of different test examples: careful, it finds less than a test on the same examples.",
    tested,
    a.counts.length,
  );
}

interface TestedCell {
  /** trueIndex · classes + predictedIndex. */
  readonly cell: number;
  readonly moreInA: number;
  readonly moreInB: number;
  readonly p: number;
}

function significanceOf(
  test: CellSignificance["test"],
  note: string,
  tested: readonly TestedCell[],
  classCount: number,
): CellSignificance {
  const adjusted = benjaminiHochberg(tested.map(({ p }) => p));
  const cells = tested.map(
    ({ cell, ...counts }, index): CellTest => ({
      trueIndex: Math.floor(cell / classCount),
      predictedIndex: cell % classCount,
      ...counts,
      adjustedP: adjusted[index] ?? 1,
    }),
  );
  cells.sort((x, y) => x.p - y.p || x.trueIndex - y.trueIndex || x.predictedIndex - y.predictedIndex);
  return {
    test,
    correction: "benjamini-hochberg",
    level,
    note,
    testedCells: cells.length,
    cells: cells.slice(0, mostCells),
    classes: testClasses(cells, classCount),
  };
}

/** Recall is the cell on the diagonal; the classes are a family of tests of their own. */
function testClasses(cells: readonly CellTest[], classCount: number): AdjustedP[] {
  const diagonal = cells.filter(({ trueIndex, predictedIndex }) => trueIndex === predictedIndex);
  const adjusted = benjaminiHochberg(diagonal.map(({ p }) => p));
  const byClass = new Map(
    diagonal.map(({ trueIndex, p }, index) => [trueIndex, { p, adjustedP: adjusted[index] ?? 1 }]),
  );
  return Array.from({ length: classCount }, (_, index) => byClass.get(index) ?? { p: 1, adjustedP: 1 });
}

function addVote(votes: Map<number, number>, predicted: number, weight: number): void {
  votes.set(predicted, (votes.get(predicted) ?? 0) + weight);
}

function roundedPerTrial({ counts, source }: ConfusionTable): number[][] {
  return counts.map((row) => row.map((count) => Math.round(count / source.trials.length)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
