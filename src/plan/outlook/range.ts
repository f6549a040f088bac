/** A quantity that is known roughly: low ≤ likely ≤ high. */
export interface Range {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

/** A range with every number multiplied. */
export function scaleRange({ low, likely, high }: Range, factor: number): Range {
  return { low: low * factor, likely: likely * factor, high: high * factor };
}

/** The sum of ranges whose errors go together: all low at once, or all high. */
export function sumRanges(ranges: readonly Range[]): Range {
  const sum = { low: 0, likely: 0, high: 0 };
  for (const range of ranges) {
    sum.low += range.low;
    sum.likely += range.likely;
    sum.high += range.high;
  }
  return sum;
}
