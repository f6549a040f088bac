import type { Comparison, ConfigurationRow, MetricName, TrialRow } from "../compare/comparison.ts";
import { duration, fixedDecimals, percent } from "./number-formats.ts";

/** A figure of a configuration or trial as people read it. */
export interface Figure {
  readonly key: MetricName | "seconds";
  /** In a sentence: `test accuracy`. */
  readonly label: string;
  readonly better: "higher" | "lower";
  /** With its unit. */
  readonly format: (value: number) => string;
  /** A standard deviation, short: in the figure's unit, which is not repeated. */
  readonly formatSpread: (value: number) => string;
  /** Whether people see it only if they ask for all figures. */
  readonly isExtra?: true;
  /** Of a top-k accuracy. */
  readonly topK?: number;
}

const share = {
  better: "higher",
  format: percent,
  formatSpread: (value: number) => fixedDecimals(2)(value * 100),
} as const;
const loss = { better: "lower", format: fixedDecimals(4), formatSpread: fixedDecimals(4) } as const;
const extraShare = { ...share, isExtra: true } as const;
const extraLoss = { ...loss, isExtra: true } as const;

const figures: Readonly<Record<Figure["key"], Figure>> = {
  testAccuracy: { key: "testAccuracy", label: "test accuracy", ...share },
  testLoss: { key: "testLoss", label: "test loss", ...loss },
  testMacroF1: { key: "testMacroF1", label: "test macro F1", ...share },
  testTopK: { key: "testTopK", label: "test top-k accuracy", ...share },
  testWeightedF1: { key: "testWeightedF1", label: "test weighted F1", ...extraShare },
  testCohensKappa: { key: "testCohensKappa", label: "test kappa", ...extraLoss, better: "higher" },
  testLogLoss: { key: "testLogLoss", label: "test log loss", ...extraLoss },
  testBrierScore: { key: "testBrierScore", label: "test Brier score", ...extraLoss },
  testCalibrationError: { key: "testCalibrationError", label: "test calibration error", ...extraLoss },
  validationAccuracy: { key: "validationAccuracy", label: "validation accuracy", ...share },
  validationLoss: { key: "validationLoss", label: "validation loss", ...loss },
  trainAccuracy: { key: "trainAccuracy", label: "training accuracy", ...share },
  trainLoss: { key: "trainLoss", label: "training loss", ...loss },
  seconds: { key: "seconds", label: "time", better: "lower", format: duration, formatSpread: duration },
};

/** The figure called `key`. */
export function figureOf(key: Figure["key"]): Figure {
  return figures[key];
}

/** Whether a figure is called that. */
export function isFigureKey(key: string): key is Figure["key"] {
  return Object.hasOwn(figures, key);
}

/**
 * The figures that at least one configuration has: the one that ranks first, then the usual order.
 * @param which `usual`: without those that are only shown on request
 */
export function shownFigures(comparison: Comparison, which: "usual" | "all" = "usual"): readonly Figure[] {
  const { rankedBy, configurations, topK } = comparison;
  const isShown = ({ key, isExtra }: Figure): boolean =>
    (which === "all" || isExtra !== true) && configurations.some((row) => configurationMean(row, key) !== null);
  const shown = Object.values(figures)
    .filter(isShown)
    .map((figure) => (topK === undefined ? figure : withTopK(figure, topK)));
  const isRanking = ({ key }: Figure): boolean => key === rankedBy?.metric;
  return [...shown.filter(isRanking), ...shown.filter((figure) => !isRanking(figure))];
}

function withTopK(figure: Figure, topK: number): Figure {
  return figure.key === "testTopK" ? { ...figure, topK, label: `test top-${topK} accuracy` } : figure;
}

/** A configuration's mean over its finished seeds; null if unknown. */
export function configurationMean(row: ConfigurationRow, key: Figure["key"]): number | null {
  if (key === "seconds") return row.meanSeconds ?? null;
  return row.metrics[key]?.mean ?? null;
}

/** A trial's figure; null if unknown. */
export function trialFigure(
  { test, validation, train, seconds }: TrialRow,
  { key, topK = 0 }: Pick<Figure, "key" | "topK">,
): number | null {
  const values: Readonly<Record<Figure["key"], number | undefined>> = {
    testAccuracy: test?.accuracy,
    testLoss: test?.loss,
    testMacroF1: test?.macroF1,
    testTopK: test?.topKAccuracies?.[topK - 1],
    testWeightedF1: test?.weightedF1,
    testCohensKappa: test?.cohensKappa,
    testLogLoss: test?.logLoss,
    testBrierScore: test?.brierScore,
    testCalibrationError: test?.expectedCalibrationError,
    validationAccuracy: validation?.accuracy,
    validationLoss: validation?.loss,
    trainAccuracy: train?.accuracy,
    trainLoss: train?.loss,
    seconds,
  };
  return values[key] ?? null;
}
