const bars = "▁▂▃▄▅▆▇█";

/**
 * Numbers as a row of bars, the lowest and the highest of them as the shortest and the tallest: `█▅▃▂▁`.
 * @param width at most so many characters: longer lists are thinned, the last value stays
 * @returns an empty text without a finite value
 */
export function sparkline(values: readonly number[], width: number): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return "";
  const shown = thinned(finite, width);
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  const barOf = (value: number): string => {
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return bars[Math.min(bars.length - 1, Math.floor(share * bars.length))] ?? "";
  };
  return shown.map(barOf).join("");
}

function thinned(values: readonly number[], width: number): readonly number[] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, index) => {
    const at = Math.round((index * (values.length - 1)) / Math.max(1, width - 1));
    return values[width === 1 ? values.length - 1 : at] ?? 0;
  });
}
