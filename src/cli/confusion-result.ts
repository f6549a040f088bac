import type { ConfusionDiff } from "../compare/confusion-diff.ts";
import type { ConfusionSource, ConfusionTable } from "../compare/confusion-of.ts";
import { fixedDecimals, percent, signed } from "../report/number-formats.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { Table, TableColumn } from "../report/table.ts";
import type { CommandResult } from "./output.ts";

/** Wider matrices don't fit a terminal; scripts get them whole. */
const maxShownClasses = 30;

/** A confusion matrix with its per-class table as a command's result. */
export function confusionResult(table: ConfusionTable): CommandResult {
  return {
    json: table,
    table: classTable(table),
    human: () =>
      [
        describeSource(table.source),
        `accuracy ${percent(table.accuracy)} of ${table.exampleCount}${intervalText(table)}; Cohen's kappa ${four(table.cohensKappa)}; macro F1 ${four(table.macro.f1)}`,
        "",
        ...matrixText(table.classNames, table.counts),
        renderTextTable(classTable(table)),
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
      ].join("\n"),
  };
}

const four = fixedDecimals(4);

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
    ],
    rows: classes.map((entry) => ({ ...entry })),
  };
}

function changeTable({ classes }: ConfusionDiff): Table {
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
    ],
    rows: classes.map((entry) => ({ ...entry })),
  };
}
