import type { Calibration } from "../compare/calibration-of.ts";
import { topConfusedPairs, type ConfusedPair } from "../compare/confused-pairs.ts";
import type { ConfusionDiff } from "../compare/confusion-diff.ts";
import type { ConfusionSource, ConfusionTable } from "../compare/confusion-of.ts";
import { fixedDecimals, percent, pText, pValue, signed } from "../report/number-formats.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { Table, TableColumn } from "../report/table.ts";
import type { CommandResult } from "./output.ts";

/** Wider matrices don't fit a terminal; scripts get them whole. */
const maxShownClasses = 30;

/** A confusion matrix with its per-class table, and calibration where it is known, as a command's result. */
export function confusionResult(
  table: ConfusionTable,
  {
    calibration,
    isCalibrationShown,
  }: { readonly calibration: Calibration | undefined; readonly isCalibrationShown: boolean },
): CommandResult {
  return {
    json: { ...table, ...(calibration === undefined ? {} : { calibration }) },
    table: classTable(table),
    human: () =>
      [
        describeSource(table.source),
        `accuracy ${percent(table.accuracy)} of ${table.exampleCount}${intervalText(table)}; Cohen's kappa ${four(table.cohensKappa)}; macro F1 ${four(table.macro.f1)}`,
        "",
        ...matrixText(table.classNames, table.counts),
        renderTextTable(readableClassTable(table)),
        "",
        ...pairLines(table),
        ...(isCalibrationShown && calibration !== undefined ? calibrationLines(calibration) : []),
      ].join("\n"),
  };
}

/** The difference of two confusion matrices as a command's result. */
export function confusionDiffResult(diff: ConfusionDiff): CommandResult {
  return {
    json: diff,
    table: changeTable(diff),
    human: () =>
      [
        `A: ${describeSource(diff.a)}`,
        `B: ${describeSource(diff.b)}`,
        `A − B: accuracy ${signed(100 * diff.accuracy, 2)} points, macro F1 ${signed(diff.macroF1, 4)}, Cohen's kappa ${signed(diff.cohensKappa, 4)}`,
        ...(diff.hasSameSupport
          ? []
          : ["The two were tested on different numbers of examples: counts can't be compared."]),
        "",
        ...matrixText(diff.classNames, diff.counts),
        renderTextTable(changeTable(diff)),
        "",
        ...significantCells(diff),
        ...duelLines(diff),
      ].join("\n"),
  };
}

const four = fixedDecimals(4);
const shownExamples = 20;

function significantCells({ significance, classNames }: ConfusionDiff): string[] {
  const { cells, level, note, testedCells } = significance;
  const found = cells.filter(({ adjustedP }) => adjustedP < level);
  const nameOf = (index: number): string => classNames[index] ?? String(index);
  const lines = found
    .slice(0, shownExamples)
    .map(
      ({ trueIndex, predictedIndex, moreInA, moreInB, adjustedP }) =>
        `  ${nameOf(trueIndex)} as ${nameOf(predictedIndex)}: A ${moreInA}, B ${moreInB} (${pText(adjustedP)}, adjusted)`,
    );
  return [
    `${note} Corrected by Benjamini and Hochberg: of what is named, at most ${percent(level)} is expected to be chance.`,
    found.length === 0
      ? `None of the ${testedCells} cells that could be tested differs by more than chance.`
      : `${found.length} of ${testedCells} cells differ by more than chance:`,
    ...lines,
    ...(found.length > lines.length ? [`  … and ${found.length - lines.length} more`] : []),
  ];
}

function duelLines({ duel }: ConfusionDiff): string[] {
  if (duel === undefined) return [];
  const { difference, interval, p, onlyA, onlyB, examples, trialsA, trialsB } = duel;
  const isSingle = trialsA === 1 && trialsB === 1;
  const which = isSingle ? "only A has right, only B" : "A has right more often, B";
  const listed = (list: readonly number[]): string =>
    list.length === 0
      ? "none"
      : `${list.slice(0, shownExamples).join(", ")}${list.length > shownExamples ? ", …" : ""}`;
  return [
    "",
    `On the same ${examples} test examples: A − B ${signed(100 * difference, 2)} points, 95 % ${signed(100 * interval.low, 2)} … ${signed(100 * interval.high, 2)} (bootstrap over examples)`,
    `${onlyA.length} examples ${which} ${onlyB.length}: ${pText(p)} (${isSingle ? "McNemar’s exact test" : "exact sign test"})`,
    `  for A: ${listed(onlyA)}`,
    `  for B: ${listed(onlyB)}`,
    "This is about these models on new examples. Whether the configurations differ over seeds: compare without --diff.",
  ];
}

function describeSource({ experiment, runId, values, trials }: ConfusionSource): string {
  const words = Object.entries(values).map(([path, value]) => `${path}=${value}`);
  const seeds = trials.length === 1 ? "seed" : `sum over seeds`;
  return [experiment, `run ${runId}`, ...words, `${seeds} ${trials.map(({ seed }) => seed).join(", ")}`].join("  ");
}

function intervalText({ accuracyInterval }: ConfusionTable): string {
  if (accuracyInterval === undefined) return "";
  return ` (95 % ${percent(accuracyInterval.low)} … ${percent(accuracyInterval.high)})`;
}

function matrixText(classNames: readonly string[], counts: readonly (readonly number[])[]): string[] {
  if (classNames.length > maxShownClasses) {
    return [`${classNames.length} classes: the matrix is in --output json and in the report`, ""];
  }
  return ["rows = true class, columns = predicted class", renderTextTable(matrixTable(classNames, counts)), ""];
}

function matrixTable(classNames: readonly string[], counts: readonly (readonly number[])[]): Table {
  const format = (value: number): string => String(Math.round(value * 100) / 100);
  return {
    columns: [
      { key: "true", label: "", align: "left" },
      ...classNames.map((name, index): TableColumn => ({ key: `c${index}`, label: name, align: "right", format })),
    ],
    rows: counts.map((row, index) => ({
      true: classNames[index] ?? String(index),
      ...Object.fromEntries(row.map((count, column) => [`c${column}`, count])),
    })),
  };
}

function classTable({ classes }: ConfusionTable): Table {
  const count = (key: string, label: string): TableColumn => ({ key, label, align: "right" });
  const ratio = (key: string, label: string): TableColumn => ({ key, label, align: "right", format: four });
  return {
    columns: [
      { key: "name", label: "class", align: "left" },
      count("truePositives", "TP"),
      count("falsePositives", "FP"),
      count("falseNegatives", "FN"),
      count("trueNegatives", "TN"),
      ratio("precision", "precision"),
      ratio("recall", "recall"),
      ratio("f1", "F1"),
      count("support", "support"),
      ...["precisionLow95", "precisionHigh95", "recallLow95", "recallHigh95"].map((key) => ratio(key, key)),
    ],
    rows: classes.map(({ precisionInterval, recallInterval, ...entry }) => ({
      ...entry,
      precisionLow95: precisionInterval?.low ?? null,
      precisionHigh95: precisionInterval?.high ?? null,
      recallLow95: recallInterval?.low ?? null,
      recallHigh95: recallInterval?.high ?? null,
    })),
  };
}

/** For people: without the intervals, which are in the other forms. */
function readableClassTable(table: ConfusionTable): Table {
  const { columns, rows } = classTable(table);
  return { columns: columns.filter(({ key }) => !key.endsWith("95")), rows };
}

function pairLines(table: ConfusionTable): string[] {
  const pairs = topConfusedPairs(table, 10);
  if (pairs.length === 0) return ["no mistakes"];
  const text = ({ trueClass, predictedClass, count, share }: ConfusedPair): string =>
    `${trueClass} taken for ${predictedClass} ${count} times (${percent(share)})`;
  return [`most frequent mistakes: ${pairs.map(text).join(", ")}`];
}

function calibrationLines({ bins, expectedCalibrationError }: Calibration): string[] {
  const share = (key: string, label: string): TableColumn => ({ key, label, align: "right", format: percent });
  const columns: TableColumn[] = [
    share("low", "confidence above"),
    { key: "count", label: "predictions", align: "right" },
    share("meanConfidence", "mean confidence"),
    share("accuracy", "right"),
  ];
  const rows = bins.map(({ low, count, meanConfidence, accuracy }) => ({ low, count, meanConfidence, accuracy }));
  return [
    "",
    `calibration: expected error ${four(expectedCalibrationError)}; calibrated = the last two columns agree`,
    renderTextTable({ columns, rows }),
  ];
}

function changeTable({ classes, significance }: ConfusionDiff): Table {
  const change = (key: string, label: string): TableColumn => ({
    key,
    label,
    align: "right",
    format: (value) => signed(value, 4),
  });
  return {
    columns: [
      { key: "name", label: "class", align: "left" },
      change("precision", "Δ precision"),
      change("recall", "Δ recall"),
      change("f1", "Δ F1"),
      { key: "recallP", label: "p of recall", align: "right", format: pValue },
      { key: "recallAdjustedP", label: "adjusted", align: "right", format: pValue },
    ],
    rows: classes.map((entry, index) => ({
      ...entry,
      recallP: significance.classes[index]?.p ?? null,
      recallAdjustedP: significance.classes[index]?.adjustedP ?? null,
    })),
  };
}
