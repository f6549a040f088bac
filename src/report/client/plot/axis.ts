/** How values of an axis become pixels. */
export interface AxisScale {
  readonly low: number;
  readonly high: number;
  readonly isLogarithmic: boolean;
  /** 0…1 along the axis; outside of it for values outside of the scale. */
  readonly at: (value: number) => number;
  /** The value at a share of the axis. */
  readonly invert: (share: number) => number;
}

/** @param low below `high`; above 0 if logarithmic */
export function axisScale(low: number, high: number, isLogarithmic: boolean): AxisScale {
  if (isLogarithmic) {
    const begin = Math.log10(low);
    const length = Math.log10(high) - begin;
    return {
      low,
      high,
      isLogarithmic,
      at: (value) => (Math.log10(value) - begin) / length,
      invert: (share) => 10 ** (begin + share * length),
    };
  }
  return {
    low,
    high,
    isLogarithmic,
    at: (value) => (value - low) / (high - low),
    invert: (share) => low + share * (high - low),
  };
}

/**
 * A scale that shows all values, with some room around them; one value alone stands in the middle.
 * @param values what a logarithmic scale can't show, and what isn't finite, is ignored
 */
export function scaleOf(values: Iterable<number>, isLogarithmic: boolean, margin = 0.04): AxisScale {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value) || (isLogarithmic && value <= 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return axisScale(isLogarithmic ? 0.1 : 0, 1, isLogarithmic);
  if (isLogarithmic) {
    const room = low === high ? 2 : (high / low) ** margin;
    return axisScale(low / room, high * room, true);
  }
  const room = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * margin;
  return axisScale(low - room, high + room, false);
}

/** Round numbers to be written at an axis. @param count about so many */
export function ticksOf(scale: AxisScale, count: number): number[] {
  if (scale.isLogarithmic) {
    const ticks = logarithmicTicks(scale, count);
    if (ticks.length >= 2) return ticks;
  }
  // A short axis may have room for few numbers, but needs two to be read.
  const ticks = linearTicks(scale, count);
  return ticks.length >= 2 ? ticks : linearTicks(scale, 2 * count);
}

function linearTicks({ low, high }: AxisScale, count: number): number[] {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw * 0.999) ?? raw;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Whole multiples divided again: 3 × 0.1 would be 0.30000000000000004.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

function logarithmicTicks({ low, high }: AxisScale, count: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const powers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const factors = powers.length * 3 <= count + 3 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(powers.length / Math.max(2, count)));
  return powers
    .filter((power) => factors.length > 1 || (power - first) % every === 0)
    .flatMap((power) => factors.map((factor) => Number((factor * 10 ** power).toPrecision(12))))
    .filter((tick) => tick >= low * 0.9999 && tick <= high * 1.0001);
}
