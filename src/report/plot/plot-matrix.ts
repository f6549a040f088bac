import { encodePng } from "../encode-png.ts";
import { drawHeading } from "./frame.ts";
import { hex, inkOn } from "./palette.ts";
import { fittedText, line, paleInk, rectangle, text, textWidth, type Drawing } from "./svg.ts";

type Rgb = readonly [number, number, number];

/** A square matrix of classes, and how its cells look. */
export interface MatrixPlot {
  readonly title: string;
  readonly subtitles: readonly string[];
  readonly description: string;
  readonly classNames: readonly string[];
  readonly colorOf: (row: number, column: number) => Rgb;
  /** Empty = nothing is written into the cell. */
  readonly textOf: (row: number, column: number) => string;
  /** The scale beside the matrix, from its low end to its high end. */
  readonly scale: {
    readonly label: string;
    readonly colorAt: (share: number) => Rgb;
    readonly ticks: readonly { readonly share: number; readonly label: string }[];
  };
  readonly width: number;
}

/** Above this, cells are too small for numbers. */
const maxWrittenClasses = 25;
/** Above this, cells are drawn as one picture: an element for each would be too many. */
const maxDrawnClasses = 60;
const maxNameWidth = 70;
const scaleWidth = 52;
const minLabelDistance = 8.5;

/** A matrix of true and predicted classes: cells in colour, numbers in them if there is room, and the colours' scale. */
export function plotMatrix(plot: MatrixPlot): Drawing {
  const { classNames, width } = plot;
  const count = classNames.length;
  const heading = drawHeading(plot.title, plot.subtitles, width);
  const shown = labelledClasses(count, width - scaleWidth - maxNameWidth);
  const nameWidth = Math.min(maxNameWidth, Math.max(...shown.map((index) => textWidth(classNames[index] ?? ""))));
  const left = nameWidth + 22;
  const side = width - left - scaleWidth;
  const cell = side / count;
  const isTurned = Math.max(...shown.map((index) => textWidth(classNames[index] ?? ""))) > 0.92 * cell * spacing(shown);
  const top = heading.height + 2;
  const bottom = top + side;
  const foot = isTurned ? nameWidth + 8 : 14;
  return {
    width,
    height: bottom + foot + 16,
    title: plot.title,
    description: plot.description,
    content: [
      ...heading.content,
      ...(count > maxDrawnClasses ? [cellsAsPicture(plot, { left, top, side })] : drawCells(plot, { left, top, cell })),
      frameOf(left, top, side),
      ...shown.map((index) => {
        const name = fittedText(classNames[index] ?? "", maxNameWidth);
        const middle = (index + 0.5) * cell;
        const below = isTurned
          ? text(left + middle + 2.8, bottom + 5, name, { anchor: "end", rotate: 90 })
          : text(left + middle, bottom + 10, name, { anchor: "middle" });
        return text(left - 4, top + middle + 2.8, name, { anchor: "end" }) + below;
      }),
      text(left + side / 2, bottom + foot + 8, "predicted class", { anchor: "middle", size: 8.5 }),
      text(9, top + side / 2, "true class", { anchor: "middle", size: 8.5, rotate: 90 }),
      ...drawScale(plot.scale, left + side + 10, top, side),
    ],
  };
}

/** Indexes of the classes whose names are written: all, or as many as have room. */
function labelledClasses(count: number, side: number): number[] {
  const every = Math.max(1, Math.ceil((count * minLabelDistance) / side));
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}

function spacing(shown: readonly number[]): number {
  return (shown[1] ?? 1) - (shown[0] ?? 0);
}

function drawCells(
  { classNames, colorOf, textOf }: MatrixPlot,
  { left, top, cell }: { readonly left: number; readonly top: number; readonly cell: number },
): string[] {
  const size = Math.min(8, 0.36 * cell);
  const isWritten = classNames.length <= maxWrittenClasses;
  return classNames.flatMap((_, row) =>
    classNames.map((_, column) => {
      const color = colorOf(row, column);
      const [x, y] = [left + column * cell, top + row * cell];
      const ground = rectangle(x, y, cell + 0.05, cell + 0.05, { fill: hex(color) });
      const content = isWritten ? textOf(row, column) : "";
      const fitted = Math.min(size, (size * 0.92 * cell) / Math.max(1, textWidth(content, { size })));
      return (
        ground +
        text(x + cell / 2, y + cell / 2 + 0.36 * fitted, content, {
          anchor: "middle",
          size: fitted,
          color: inkOn(color),
        })
      );
    }),
  );
}

/** A pixel a cell, enlarged without smoothing. */
function cellsAsPicture(
  { classNames, colorOf }: MatrixPlot,
  { left, top, side }: { readonly left: number; readonly top: number; readonly side: number },
): string {
  const count = classNames.length;
  // A renderer that smooths can't blur cells that are many pixels wide.
  const factor = Math.max(1, Math.floor(1600 / count));
  const width = count * factor;
  const pixels = new Uint8Array(width * width * 3);
  for (let row = 0; row < count; row++)
    for (let column = 0; column < count; column++) {
      const color = colorOf(row, column).map(Math.round);
      for (let y = row * factor; y < (row + 1) * factor; y++)
        for (let x = column * factor; x < (column + 1) * factor; x++) pixels.set(color, 3 * (y * width + x));
    }
  const png = Buffer.from(encodePng({ height: width, width, channels: 3, pixels })).toString("base64");
  return `<image x="${left}" y="${top}" width="${side}" height="${side}" image-rendering="pixelated" href="data:image/png;base64,${png}"/>`;
}

function frameOf(left: number, top: number, side: number): string {
  return rectangle(left, top, side, side, { fill: "none", stroke: "#1a1a1a", width: 0.6 });
}

function drawScale({ label, colorAt, ticks }: MatrixPlot["scale"], left: number, top: number, side: number): string[] {
  const height = Math.min(side, 140);
  const steps = 48;
  const bars = Array.from({ length: steps }, (_, index) =>
    rectangle(left, top + height * (1 - (index + 1) / steps), 8, height / steps + 0.2, {
      fill: hex(colorAt((index + 0.5) / steps)),
    }),
  );
  return [
    ...bars,
    rectangle(left, top, 8, height, { fill: "none", stroke: "#1a1a1a", width: 0.5 }),
    ...ticks.map(({ share, label }) => {
      const y = top + height * (1 - share);
      return line([left + 8, y], [left + 10, y], { width: 0.5 }) + text(left + 12, y + 2.5, label, { size: 7 });
    }),
    text(left + 38, top + height / 2, label, { anchor: "middle", size: 7.5, rotate: 90, color: paleInk }),
  ];
}
