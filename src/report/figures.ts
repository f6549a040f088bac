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
}

const share = {
  better: "higher",
  format: percent,
  formatSpread: (value: number) => fixedDecimals(2)(value * 100),
} as const;
const loss = { better: "lower", format: fixedDecimals(4), formatSpread: fixedDecimals(4) } as const;

const figures: Readonly<Record<Figure["key"], Figure>> = {
  testAccuracy: { key: "testAccuracy", label: "test accuracy", ...share },
  testLoss: { key: "testLoss", label: "test loss", ...loss },
  testMacroF1: { key: "testMacroF1", label: "test macro F1", ...share },
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

/** The figures that at least one configuration has: the one that ranks first, then the usual order. */
export function shownFigures({ rankedBy, configurations }: Comparison): readonly Figure[] {
  const isShown = ({ key }: Figure): boolean => configurations.some((row) => configurationMean(row, key) !== null);
  const shown = Object.values(figures).filter(isShown);
  const isRanking = ({ key }: Figure): boolean => key === rankedBy?.metric;
  return [...shown.filter(isRanking), ...shown.filter((figure) => !isRanking(figure))];
}

/** A configuration's mean over its finished seeds; null if unknown. */
export function configurationMean(row: ConfigurationRow, key: Figure["key"]): number | null {
  if (key === "seconds") return row.meanSeconds ?? null;
  return row.metrics[key]?.mean ?? null;
}

/** A trial's figure; null if unknown. */
export function trialFigure({ test, validation, train, seconds }: TrialRow, key: Figure["key"]): number | null {
  const values: Readonly<Record<Figure["key"], number | undefined>> = {
    testAccuracy: test?.accuracy,
    testLoss: test?.loss,
    testMacroF1: test?.macroF1,
    validationAccuracy: validation?.accuracy,
    validationLoss: validation?.loss,
    trainAccuracy: train?.accuracy,
    trainLoss: train?.loss,
    seconds,
  };
  return values[key] ?? null;
}
