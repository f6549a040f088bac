import type { ConfusionDiff } from "../../compare/confusion-diff.ts";
import type { ConfusionTable } from "../../compare/confusion-of.ts";
import { grouped, isZero, percent, signed } from "../number-formats.ts";
import { divergingColor, sequentialColor } from "./palette.ts";
import { plotMatrix } from "./plot-matrix.ts";
import type { Drawing } from "./svg.ts";

/** Mistakes are few beside what is right: shares are drawn by their cube root, and the scale says so by its ticks. */
const scaleTicks = [0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1].map((share) => ({
  share: Math.cbrt(share),
  label: `${100 * share}`,
}));

/** A confusion matrix: colours are shares of the true class, numbers are counts. */
export function plotConfusion(
  table: ConfusionTable,
  { subtitles, width }: { readonly subtitles: readonly string[]; readonly width: number },
): Drawing {
  const totals = table.counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const share = (row: number, column: number): number =>
    (table.counts[row]?.[column] ?? 0) / Math.max(1, totals[row] ?? 0);
  return plotMatrix({
    title: "Confusion matrix",
    subtitles,
    description: `Accuracy ${percent(table.accuracy)} of ${grouped(table.exampleCount)} predictions. ${describeWorst(table)}`,
    classNames: table.classNames,
    colorOf: (row, column) => sequentialColor(Math.cbrt(share(row, column))),
    textOf: (row, column) => {
      const count = table.counts[row]?.[column] ?? 0;
      return count === 0 ? "" : String(count);
    },
    scale: { label: "share of the true class (%)", colorAt: sequentialColor, ticks: scaleTicks },
    width,
  });
}

/** A confusion matrix minus another: orange cells are more frequent in A, purple ones in B. */
export function plotDifference(
  diff: ConfusionDiff,
  { subtitles, width }: { readonly subtitles: readonly string[]; readonly width: number },
): Drawing {
  const largest = Math.max(1e-9, ...diff.counts.map((row) => Math.max(...row.map(Math.abs))));
  const isWhole = diff.counts.every((row) => row.every((value) => isZero(value - Math.round(value))));
  const signedRoot = (value: number): number => Math.sign(value) * Math.sqrt(Math.abs(value) / largest);
  return plotMatrix({
    title: "Difference of two confusion matrices, A − B",
    subtitles,
    description: `Accuracy ${signed(100 * diff.accuracy, 2)} points, macro F1 ${signed(diff.macroF1, 4)}.`,
    classNames: diff.classNames,
    colorOf: (row, column) => divergingColor(signedRoot(diff.counts[row]?.[column] ?? 0)),
    textOf: (row, column) => {
      const value = diff.counts[row]?.[column] ?? 0;
      return isZero(value) ? "" : signed(value, isWhole ? 0 : 1);
    },
    scale: {
      label: "examples more in A (+) or B (−), per trial",
      colorAt: (position) => divergingColor(2 * position - 1),
      ticks: [-1, -0.25, 0, 0.25, 1].map((value) => ({
        share: (1 + Math.sign(value) * Math.sqrt(Math.abs(value))) / 2,
        label: signed(value * largest, largest < 10 ? 1 : 0),
      })),
    },
    width,
  });
}

function describeWorst({ classes }: ConfusionTable): string {
  const [worst] = [...classes].sort((a, b) => a.recall - b.recall);
  return worst === undefined ? "" : `Lowest recall: class ${worst.name}, ${percent(worst.recall)}.`;
}
