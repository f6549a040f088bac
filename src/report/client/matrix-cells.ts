import type { Signal } from "@preact/signals";
import type { ConfusionDiff } from "../../compare/confusion-diff.ts";
import type { ConfusionTable } from "../../compare/confusion-of.ts";
import { isZero, percent, signed } from "../number-formats.ts";

/** A cell of a drawn matrix. */
export interface MatrixCell {
  readonly text: string;
  /** `hit` is drawn in the colour of what is right or better, `miss` in that of errors or worse. */
  readonly tone: "hit" | "miss" | "zero";
  /** Strength of the colour, 0…1. */
  readonly level: number;
  /** The cell in words. */
  readonly description: string;
  /** Whether it is more than chance, where that was tested. */
  readonly isSignificant?: boolean;
}

/** A matrix to look at. */
export interface MatrixViewProps {
  readonly caption: string;
  readonly classNames: readonly string[];
  readonly cells: readonly (readonly MatrixCell[])[];
  /** Sums of rows and columns, if they mean something. */
  readonly totals: { readonly rows: readonly string[]; readonly columns: readonly string[] } | null;
  /** The cell that a person has chosen, as `row.column`; empty = none. */
  readonly chosen: Signal<string>;
}

/** What the numbers of a confusion matrix are. */
export type MatrixUnit = "counts" | "shares";

/**
 * A confusion matrix to draw. Right ones are coloured by their share of the class; errors by their count relative to the
 * largest error, with a square root: the few errors of a good model would be invisible on the scale of its hits.
 * @returns cells, shape [true class][predicted class]
 */
export function confusionCells({ counts, classes }: ConfusionTable, unit: MatrixUnit): MatrixCell[][] {
  const largestError = Math.max(
    1,
    ...counts.map((row, index) => Math.max(0, ...row.filter((_, column) => column !== index))),
  );
  return counts.map((row, trueIndex) => {
    const { name = "", support = 0 } = classes[trueIndex] ?? {};
    return row.map((count, predictedIndex) => {
      const isHit = trueIndex === predictedIndex;
      const share = support === 0 ? 0 : count / support;
      const text = unit === "counts" ? String(count) : shortPercent(share);
      const verb = isHit ? "rightly predicted as" : "predicted as";
      return {
        text: count === 0 ? "0" : text,
        tone: count === 0 ? "zero" : isHit ? "hit" : "miss",
        level: isHit ? share : Math.sqrt(count / largestError),
        description: `${name} ${verb} ${classes[predictedIndex]?.name ?? ""}: ${count} of ${support} (${percent(share)})`,
      };
    });
  });
}

/**
 * A difference of two confusion matrices to draw: `hit` where A is better (more right ones, fewer errors), `miss` where
 * B is; the strength is relative to the largest difference.
 * @returns cells, shape [true class][predicted class]
 */
export function differenceCells({ counts, classNames, significance }: ConfusionDiff): MatrixCell[][] {
  const found = new Set(
    significance.cells
      .filter(({ adjustedP }) => adjustedP < significance.level)
      .map(({ trueIndex, predictedIndex }) => `${trueIndex}.${predictedIndex}`),
  );
  const largest = Math.max(...counts.map((row) => Math.max(...row.map(Math.abs)))) || 1;
  const decimals = decimalsFor(counts.flat());
  return counts.map((row, trueIndex) =>
    row.map((difference, predictedIndex) => {
      const isBetter = trueIndex === predictedIndex ? difference > 0 : difference < 0;
      const names = `${classNames[trueIndex] ?? ""} predicted as ${classNames[predictedIndex] ?? ""}`;
      return {
        text: signed(difference, decimals),
        tone: isZero(difference) ? "zero" : isBetter ? "hit" : "miss",
        level: Math.sqrt(Math.abs(difference) / largest),
        description: `${names}: ${describeDifference(difference, decimals)}${found.has(`${trueIndex}.${predictedIndex}`) ? ", more than chance" : ""}`,
        isSignificant: found.has(`${trueIndex}.${predictedIndex}`),
      };
    }),
  );
}

/** Decimals that tell means over trials from whole numbers. */
export function decimalsFor(values: readonly number[]): 0 | 1 {
  return values.every(Number.isInteger) ? 0 : 1;
}

function describeDifference(difference: number, decimals: number): string {
  if (isZero(difference)) return "the same in both";
  return `${Math.abs(difference).toFixed(decimals)} ${difference > 0 ? "more in A" : "fewer in A"}`;
}

function shortPercent(share: number): string {
  const value = share * 100;
  if (value >= 99.95) return "100 %";
  return value < 10 ? `${value.toFixed(1)} %` : `${value.toFixed(0)} %`;
}
