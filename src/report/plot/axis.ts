import { grouped } from "../number-formats.ts";

/** A mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** How numbers become places along an axis. */
export interface Axis {
  /** With its unit. */
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly isLogarithmic?: boolean;
  readonly ticks: readonly Tick[];
}

/** How a linear axis is marked. */
export interface LinearOptions {
  /** About how many steps. */
  readonly tickCount?: number;
  /** Shares, which are marked in percent. */
  readonly isPercent?: boolean;
  /** Only whole numbers are marked. */
  readonly isWhole?: boolean;
  /** Ends at the values instead of at round numbers. */
  readonly isFlush?: boolean;
}

/**
 * An axis over some values, from round number to round number. A single value has an axis about it.
 * @param values at least one
 */
export function linearAxis(
  label: string,
  values: readonly number[],
  { tickCount = 5, isPercent = false, isWhole = false, isFlush = false }: LinearOptions = {},
): Axis {
  const [least, most] = spread(values);
  const wanted = roundStep((most - least) / tickCount);
  const step = isWhole ? Math.max(1, wanted) : wanted;
  const low = isFlush ? least : Math.floor(least / step + 1e-9) * step;
  const high = isFlush ? most : Math.ceil(most / step - 1e-9) * step;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  const format = isPercent ? percentTick(step) : plainTick(step);
  const ticks = Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step);
  return { label, low, high, ticks: ticks.map((value) => ({ value, label: format(value) })) };
}

/** The ends of some values, apart by more than rounding. */
function spread(values: readonly number[]): [number, number] {
  const [least, most] = extent(values);
  const size = Math.max(Math.abs(least), Math.abs(most));
  if (size >= 1e-12 && most - least > 1e-9 * size) return [least, most];
  // What is that small is 0 in all that is plotted.
  const margin = size < 1e-12 ? 0.5 : 0.05 * size;
  return [least - margin, most + margin];
}

/** An axis of powers of ten; between few of them also 2 and 5 times as much. @param values all above 0 */
export function logarithmicAxis(label: string, values: readonly number[]): Axis {
  const [least, most] = extent(values);
  // From 2 to 5 it is 2.5 times as far: an axis that reaches farther has a mark.
  const margin = most / least < 2 ? 1.6 : 1.15;
  const [low, high] = [least / margin, most * margin];
  const powers = range(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)));
  const inside = (value: number): boolean => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
  const decades = powers.map((power) => timesTen(1, power)).filter(inside);
  const finer = powers.flatMap((power) => [1, 2, 5].map((factor) => timesTen(factor, power))).filter(inside);
  const ticks = decades.length >= 3 ? decades : finer;
  return { label, low, high, isLogarithmic: true, ticks: ticks.map((value) => ({ value, label: compact(value) })) };
}

/** `10 ** -5` is not 0.00001. */
function timesTen(factor: number, power: number): number {
  return Number(`${factor}e${power}`);
}

/** Where a value lies on an axis: 0 at its low end, 1 at its high end. */
export function positionOn({ low, high, isLogarithmic }: Axis, value: number): number {
  if (isLogarithmic === true) return Math.log(value / low) / Math.log(high / low);
  return (value - low) / (high - low);
}

/** Whole numbers as they are, large ones with a suffix, small ones as people write them. */
function compact(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  if (value >= 1e3) return grouped(value);
  if (value >= 1e-4) return String(Number(value.toPrecision(3)));
  return value.toExponential().replace("e-", "e−");
}

function plainTick(step: number): (value: number) => string {
  const decimals = decimalsOf(step);
  return (value) => {
    if (step >= 1000) return compact(value).replace("-", "−");
    return withoutMinusZero(value, decimals).replace("-", "−");
  };
}

function percentTick(step: number): (value: number) => string {
  const decimals = decimalsOf(step * 100);
  return (value) => withoutMinusZero(value * 100, decimals).replace("-", "−");
}

function withoutMinusZero(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

function decimalsOf(step: number): number {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}

/** The next larger of 1, 2, 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function extent(values: readonly number[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) throw new RangeError("an axis needs at least one value");
  return [least, most];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
