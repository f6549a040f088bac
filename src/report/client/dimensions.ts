import type { Comparison, ConfigurationRow } from "../../compare/comparison.ts";
import { columnLabels } from "../describe-configuration.ts";
import { configurationMean, shownFigures } from "../figures.ts";
import { duration, grouped, short } from "../number-formats.ts";
import type { ReportData } from "../report-data.ts";

/** What a configuration has of a dimension; null = nothing. */
export type DimensionValue = number | string | null;

/** Something that configurations can be sorted, filtered, grouped and drawn by. */
export interface Dimension {
  readonly key: string;
  readonly label: string;
  /** Longer than the label, where that says more. */
  readonly title?: string;
  readonly kind: "number" | "category";
  readonly group: "parameter" | "figure" | "fact";
  readonly better?: "higher" | "lower";
  readonly format: (value: DimensionValue) => string;
  /** A difference of two numbers, with its sign, in the same unit. */
  readonly formatDelta: (difference: number) => string;
  /** In the order of the comparison's configurations. */
  readonly values: readonly DimensionValue[];
  /** Of a number: the lowest and the highest. */
  readonly extent?: readonly [low: number, high: number];
}

type Reader = (row: ConfigurationRow) => DimensionValue;

/** All dimensions of a comparison: swept parameters, figures, and facts like time and cost. */
export function dimensionsOf({ comparison, costs }: Pick<ReportData, "comparison" | "costs">): Dimension[] {
  const { pricePerHour } = costs;
  return [
    ...parameterDimensions(comparison),
    ...figureDimensions(comparison),
    numberDimension(comparison, {
      key: "parameters",
      label: "parameters",
      title: "Weights and biases that are trained",
      group: "fact",
      better: "lower",
      format: grouped,
      read: ({ parameterCount }) => parameterCount,
    }),
    numberDimension(comparison, {
      key: "seconds",
      label: "time a trial",
      group: "fact",
      better: "lower",
      format: duration,
      read: ({ meanSeconds }) => meanSeconds ?? null,
    }),
    ...(pricePerHour === undefined
      ? []
      : [
          numberDimension(comparison, {
            key: "cost",
            label: "cost a trial",
            group: "fact",
            better: "lower",
            format: usd,
            read: ({ meanSeconds }) => (meanSeconds === undefined ? null : (meanSeconds / 3600) * pricePerHour),
          }),
        ]),
    numberDimension(comparison, {
      key: "failed",
      label: "failed seeds",
      group: "fact",
      better: "lower",
      format: String,
      read: ({ seeds }) => seeds.failed,
    }),
  ].filter(({ values }) => values.some((value) => value !== null));
}

/** An amount of money: `$0.42`, `$0.00031`. */
export function usd(amount: number): string {
  return `$${amount !== 0 && Math.abs(amount) < 0.1 ? Number(amount.toPrecision(2)) : amount.toFixed(2)}`;
}

function parameterDimensions({ configurations, columns }: Comparison): Dimension[] {
  const labels = columnLabels(columns);
  return columns.map((path): Dimension => {
    const values = configurations.map((row): DimensionValue => {
      const value = row.values[path] ?? null;
      return typeof value === "boolean" ? String(value) : value;
    });
    const present = values.filter((value) => value !== null);
    const isNumber = present.every((value) => typeof value === "number");
    return {
      key: path,
      label: labels.get(path) ?? path,
      title: path,
      kind: isNumber ? "number" : "category",
      group: "parameter",
      format: formatParameter,
      formatDelta: (difference) => withSign(difference, short),
      values: isNumber ? values : values.map((value) => (value === null ? null : String(value))),
      ...(isNumber ? { extent: extentOf(present) } : {}),
    };
  });
}

function formatParameter(value: DimensionValue): string {
  if (value === null) return "–";
  if (typeof value === "string") return value;
  // Eight digits and more are no longer read as a number.
  return Math.abs(value) >= 1e8 ? value.toExponential().replace("+", "") : short(value);
}

function figureDimensions(comparison: Comparison): Dimension[] {
  return shownFigures(comparison, "all")
    .filter(({ key }) => key !== "seconds")
    .map(({ key, label, better, format, formatSpread }) =>
      numberDimension(comparison, {
        formatSpread,
        key,
        label,
        group: "figure",
        better,
        format,
        read: (row) => configurationMean(row, key),
      }),
    );
}

interface NumberDimension extends Pick<Dimension, "key" | "label" | "title" | "group" | "better"> {
  readonly format: (value: number) => string;
  /** Default: `format`. */
  readonly formatSpread?: (value: number) => string;
  readonly read: Reader;
}

function numberDimension(
  { configurations }: Comparison,
  { read, format, formatSpread = format, ...rest }: NumberDimension,
): Dimension {
  const values = configurations.map(read);
  return {
    ...rest,
    kind: "number",
    format: (value) => (typeof value === "number" ? format(value) : "–"),
    formatDelta: (difference) => withSign(difference, formatSpread),
    values,
    extent: extentOf(values),
  };
}

function withSign(difference: number, format: (value: number) => string): string {
  if (!Number.isFinite(difference)) return "–";
  const sign = difference > 0 ? "+" : difference < 0 ? "−" : "±";
  return `${sign}${format(Math.abs(difference))}`;
}

/** Infinities and NaN, as of a diverged trial, are outside any extent. */
function extentOf(values: readonly DimensionValue[]): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

/** The different values of a category, in natural order. */
export function categoriesOf({ values }: Dimension): string[] {
  const different = new Set(values.map((value) => (value === null ? "–" : String(value))));
  return [...different].sort(new Intl.Collator("en", { numeric: true }).compare);
}
