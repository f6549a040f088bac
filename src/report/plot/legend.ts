import { fittedText, line, marker, text, textWidth, type TextStyle } from "./svg.ts";
import { seriesStyle } from "./palette.ts";

const style: TextStyle = { size: 7.5 };
const keyWidth = 20;
const gap = 12;
const rowHeight = 11;

/** Names of series in columns of one width, row by row. @returns what is drawn and how much room it takes */
export function drawLegend(
  names: readonly string[],
  { left, top, width }: { readonly left: number; readonly top: number; readonly width: number },
): { readonly content: readonly string[]; readonly height: number } {
  if (names.length === 0) return { content: [], height: 0 };
  const widest = Math.max(...names.map((name) => textWidth(name, style))) + keyWidth + gap;
  const columns = Math.max(1, Math.min(names.length, Math.floor((width + gap) / widest)));
  const columnWidth = columns === 1 ? width : widest;
  const content = names.map((name, index) => {
    const x = left + (index % columns) * columnWidth;
    const y = top + Math.floor(index / columns) * rowHeight + 6;
    const { color, dash, marker: kind } = seriesStyle(index);
    return [
      line([x, y], [x + keyWidth - 5, y], { stroke: color, width: 1.3, ...(dash && { dash }) }),
      marker(kind, [x + (keyWidth - 5) / 2, y], 2.1, { fill: color }),
      text(x + keyWidth, y + 2.7, fittedText(name, columnWidth - keyWidth, style), style),
    ].join("");
  });
  return { content, height: Math.ceil(names.length / columns) * rowHeight };
}
