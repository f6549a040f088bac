import { markerShapes } from "./svg.ts";

/**
 * Colours that people with any colour vision tell apart (Okabe and Ito, 2008), without yellow, which is too pale for
 * lines on white, and with the strongest contrasts first.
 * @see https://jfly.uni-koeln.de/color/
 */
const seriesColors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#7F7F7F"] as const;

const dashes = [undefined, "4 1.6", "1.2 1.6", "5 1.5 1.2 1.5"] as const;

/** The most series that a plot shows: more can't be told apart. */
export const maxSeries = seriesColors.length;

/** How a series looks: colour, dashes and marker differ, so that it is told apart in print without colour as well. */
export function seriesStyle(index: number) {
  return {
    color: seriesColors[index % seriesColors.length] ?? "#000000",
    dash: dashes[Math.floor(index / 2) % dashes.length],
    marker: markerShapes[index % markerShapes.length] ?? "circle",
  };
}

type Rgb = readonly [number, number, number];

// Lightness changes steadily from stop to stop, so that they read right in grey, too. Blues of ColorBrewer.
const blues: readonly Rgb[] = [
  [255, 255, 255],
  [222, 235, 247],
  [158, 202, 225],
  [66, 146, 198],
  [8, 81, 156],
  [8, 48, 107],
];
// PuOr of ColorBrewer: safe for all colour vision.
const oranges: readonly Rgb[] = [
  [255, 255, 255],
  [254, 224, 182],
  [253, 184, 99],
  [224, 130, 20],
  [179, 88, 6],
  [127, 59, 8],
];
const purples: readonly Rgb[] = [
  [255, 255, 255],
  [216, 218, 235],
  [178, 171, 210],
  [128, 115, 172],
  [84, 39, 136],
  [45, 0, 75],
];

/** A colour for a share 0…1: white to dark blue. */
export function sequentialColor(share: number): Rgb {
  return between(blues, share);
}

/** A colour for −1…1: purple, white, orange. */
export function divergingColor(value: number): Rgb {
  return value < 0 ? between(purples, -value) : between(oranges, value);
}

/** A colour as SVG writes it. */
export function hex(color: Rgb): string {
  return `#${color.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
}

/** Black or white, whichever is read better on a ground. */
export function inkOn([red, green, blue]: Rgb): string {
  // Relative luminance by the weights of ITU-R BT.709, without gamma: near enough to choose between two.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 140 ? "#1a1a1a" : "#ffffff";
}

function between(stops: readonly Rgb[], share: number): Rgb {
  const position = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(position));
  const [a = [0, 0, 0], b = [0, 0, 0]] = [stops[index], stops[index + 1]];
  const mix = (channel: 0 | 1 | 2): number => a[channel] + (b[channel] - a[channel]) * (position - index);
  return [mix(0), mix(1), mix(2)];
}
