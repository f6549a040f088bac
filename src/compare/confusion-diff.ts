import { subtractConfusions } from "../metrics/confusion-matrix.ts";
import { fisherCells, signCells, type CellSignificance } from "./cell-significance.ts";
import { ComparisonError } from "./comparison-error.ts";
import type { ConfusionSource, ConfusionTable, NamedClassFigures } from "./confusion-of.ts";
import { compareModels, hasSameExamples, type ModelDuel, type SeedPredictions } from "./model-duel.ts";

/** How a class changed, A − B: above 0, A does better on it. */
export interface ClassChange {
  readonly name: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** How often one class was taken for another (or for itself), per trial. */
export interface CellChange {
  readonly trueClass: string;
  readonly predictedClass: string;
  readonly a: number;
  readonly b: number;
  /** a − b. */
  readonly difference: number;
}

/** Confusion matrix A minus confusion matrix B, as plain JSON. Differences above 0: more in A. */
export interface ConfusionDiff {
  readonly schemaVersion: 1;
  readonly a: ConfusionSource;
  readonly b: ConfusionSource;
  readonly classNames: readonly string[];
  /** [true class][predicted class], A − B, each per trial: whole numbers unless several seeds were summed. */
  readonly counts: readonly (readonly number[])[];
  readonly accuracy: number;
  readonly macroF1: number;
  readonly cohensKappa: number;
  /** In the order of `classNames`. */
  readonly classes: readonly ClassChange[];
  /** Classes whose F1 is higher in A, largest gain first. */
  readonly better: readonly ClassChange[];
  /** Classes whose F1 is lower in A, largest loss first. */
  readonly worse: readonly ClassChange[];
  /** The 20 cells that differ most, largest difference first; those that don't differ left out. */
  readonly mostChangedCells: readonly CellChange[];
  /** Whether A and B have equally many test examples of every class; if not, counts aren't comparable. */
  readonly hasSameSupport: boolean;
  /** Which of the differences are more than chance. */
  readonly significance: CellSignificance;
  /** The two example by example; absent without their predictions, or if they were tested on different examples. */
  readonly duel?: ModelDuel;
}

const shownCells = 20;

/**
 * Subtracts confusion matrix B from A. Sums over seeds are divided by their number of trials first, so that 3 seeds can
 * be compared with 2.
 * @param predictions of the trials that each matrix was summed over: then differences are tested on the same examples
 * @throws ComparisonError `different-classes` if the class names aren't the same in the same order
 */
export function confusionDiff(
  a: ConfusionTable,
  b: ConfusionTable,
  predictions?: { readonly a: readonly SeedPredictions[]; readonly b: readonly SeedPredictions[] },
): ConfusionDiff {
  checkSameClasses(a.classNames, b.classNames);
  const classes = a.classes.map((entry, index) => classChange(entry, b.classes[index]));
  const perTrialA = countsPerTrial(a);
  const perTrialB = countsPerTrial(b);
  return {
    schemaVersion: 1,
    a: a.source,
    b: b.source,
    classNames: a.classNames,
    counts: subtractConfusions(perTrialA, perTrialB),
    accuracy: a.accuracy - b.accuracy,
    macroF1: a.macro.f1 - b.macro.f1,
    cohensKappa: a.cohensKappa - b.cohensKappa,
    classes,
    better: classes.filter(({ f1 }) => f1 > 0).sort((x, y) => y.f1 - x.f1),
    worse: classes.filter(({ f1 }) => f1 < 0).sort((x, y) => x.f1 - y.f1),
    mostChangedCells: mostChangedCells(a.classNames, perTrialA, perTrialB),
    hasSameSupport: a.classes.every(
      ({ support }, index) =>
        support * b.source.trials.length === (b.classes[index]?.support ?? 0) * a.source.trials.length,
    ),
    ...testDifferences(a, b, predictions),
  };
}

function testDifferences(
  a: ConfusionTable,
  b: ConfusionTable,
  predictions: Parameters<typeof confusionDiff>[2],
): Pick<ConfusionDiff, "significance" | "duel"> {
  if (predictions === undefined || !hasSameExamples([...predictions.a, ...predictions.b]))
    return { significance: fisherCells(a, b) };
  return {
    significance: signCells(predictions.a, predictions.b, a.classNames.length),
    duel: compareModels(predictions.a, predictions.b),
  };
}

function checkSameClasses(a: readonly string[], b: readonly string[]): void {
  const index = Array.from({ length: Math.max(a.length, b.length) }, (_, index) => index).find(
    (index) => a[index] !== b[index],
  );
  if (index === undefined) return;
  const shown = (name: string | undefined): string => (name === undefined ? "missing" : `"${name}"`);
  throw new ComparisonError(
    "different-classes",
    `the confusion matrices are over different classes: class ${index} is ${shown(a[index])} in A (${a.length} classes) and ${shown(b[index])} in B (${b.length} classes)`,
    "compare trials of the same data set with the same labels",
  );
}

function classChange(a: NamedClassFigures, b: NamedClassFigures | undefined): ClassChange {
  if (b === undefined) throw new RangeError(`B has no figures of class ${a.name}`);
  return { name: a.name, precision: a.precision - b.precision, recall: a.recall - b.recall, f1: a.f1 - b.f1 };
}

function countsPerTrial({ counts, source }: ConfusionTable): number[][] {
  return counts.map((row) => row.map((count) => count / source.trials.length));
}

function mostChangedCells(
  classNames: readonly string[],
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): CellChange[] {
  const changes = a.flatMap((row, trueIndex) =>
    row.flatMap((inA, predictedIndex): CellChange[] => {
      const inB = b[trueIndex]?.[predictedIndex] ?? 0;
      if (inA === inB) return [];
      const trueClass = classNames[trueIndex] ?? `${trueIndex}`;
      const predictedClass = classNames[predictedIndex] ?? `${predictedIndex}`;
      return [{ trueClass, predictedClass, a: inA, b: inB, difference: inA - inB }];
    }),
  );
  return changes.sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference)).slice(0, shownCells);
}
