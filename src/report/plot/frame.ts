import { positionOn, type Axis } from "./axis.ts";
import { fittedText, line, paleInk, text, textWidth } from "./svg.ts";

/** Where things are drawn, in points from the upper left corner. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An area with axes: values become places. */
export interface Frame {
  readonly area: Area;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** Grid, ticks and labels, to be drawn first. */
  readonly content: readonly string[];
}

/** Millimetres in points. */
export const pointsPerMillimetre = 72 / 25.4;

const tickLength = 2.5;
const gridColor = "#e6e6e6";

/** How much room the tick labels of a vertical axis and its own label take, to the left of an area. */
export function leftMargin({ ticks, label }: Axis): number {
  const widest = Math.max(0, ...ticks.map((tick) => textWidth(tick.label)));
  return widest + tickLength + 4 + (label === "" ? 0 : 14) + 2;
}

/** How much room a horizontal axis takes below an area. */
export const bottomMargin = 28;

/** Axes of an area, with a pale grid. */
export function drawFrame(area: Area, horizontal: Axis, vertical: Axis): Frame {
  const { left, top, width, height } = area;
  const x = (value: number): number => left + positionOn(horizontal, value) * width;
  const y = (value: number): number => top + (1 - positionOn(vertical, value)) * height;
  const bottom = top + height;
  const gridLines = vertical.ticks.map(({ value }) =>
    line([left, y(value)], [left + width, y(value)], { stroke: gridColor, width: 0.5 }),
  );
  const rows = vertical.ticks.map(({ value, label }) =>
    [
      line([left - tickLength, y(value)], [left, y(value)]),
      text(left - tickLength - 2.5, y(value) + 2.9, label, { anchor: "end" }),
    ].join(""),
  );
  const columns = horizontal.ticks.map(({ value, label }) =>
    [
      line([x(value), bottom], [x(value), bottom + tickLength]),
      text(x(value), bottom + tickLength + 8.5, label, { anchor: "middle" }),
    ].join(""),
  );
  const content = [
    ...gridLines,
    line([left, top], [left, bottom]),
    line([left, bottom], [left + width, bottom]),
    ...rows,
    ...columns,
    text(left + width / 2, bottom + bottomMargin - 5, horizontal.label, { anchor: "middle", size: 8.5 }),
    text(left - leftMargin(vertical) + 9, top + height / 2, vertical.label, {
      anchor: "middle",
      size: 8.5,
      rotate: 90,
    }),
  ];
  return { area, x, y, content };
}

/**
 * Title and, smaller below it, what the figures are of.
 * @param subtitles a line each; what is too long for the width is cut
 * @returns what is drawn and how much room it takes
 */
export function drawHeading(
  title: string,
  subtitles: readonly string[],
  width: number,
): { readonly content: readonly string[]; readonly height: number } {
  const small = { size: 7.5, color: paleInk };
  const bold = { size: 10, weight: "bold" } as const;
  return {
    content: [
      text(2, 11, fittedText(title, width - 4, bold), bold),
      ...subtitles.map((line, index) => text(2, 21.5 + 9.5 * index, fittedText(line, width - 4, small), small)),
    ],
    height: 20.5 + 9.5 * subtitles.length,
  };
}
