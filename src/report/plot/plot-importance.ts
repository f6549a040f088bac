import type { Importance } from "../../compare/comparison-statistics.ts";
import { columnLabels } from "../describe-configuration.ts";
import { figureOf } from "../figures.ts";
import { fixedDecimals, signed } from "../number-formats.ts";
import { linearAxis } from "./axis.ts";
import { bottomMargin, drawFrame, drawHeading } from "./frame.ts";
import { fittedText, line, paleInk, rectangle, text, textWidth, type Drawing } from "./svg.ts";

const rowHeight = 18;
const barColor = "#0072B2";
/** Below this R², the shares say little. */
const lowExplained = 0.3;

/** Which swept fields matter: bars by how much the forest's R² falls without each, ± its standard deviation over trees. */
export function plotImportance(
  { fields, metric, trials, explained }: Importance,
  { subtitle, width }: { readonly subtitle: string; readonly width: number },
): Drawing {
  const labels = columnLabels(fields.map(({ path }) => path));
  const names = fields.map(({ path }) => labels.get(path) ?? path);
  const ends = fields.flatMap(({ permutation, sd }) => [permutation - sd, permutation + sd]);
  const horizontal = linearAxis("fall of R² when the field is shuffled", [0, ...ends]);
  const heading = drawHeading(`What matters for ${figureOf(metric).label}`, [subtitle], width);
  const left = Math.min(0.4 * width, Math.max(...names.map((name) => textWidth(name))) + 10);
  const area = { left, top: heading.height, width: width - left - 62, height: fields.length * rowHeight };
  const { x, content } = drawFrame(area, horizontal, { label: "", low: 0, high: 1, ticks: [] });
  const bottom = area.top + area.height;
  const caution = explained < lowExplained ? "; so little that the bars say little" : "";
  return {
    width,
    height: bottom + bottomMargin + 12,
    title: `Importance of swept fields for ${figureOf(metric).label}`,
    description: fields.map(({ share }, index) => `${names[index]}: ${Math.round(100 * share)} %`).join("; "),
    content: [
      ...heading.content,
      ...content,
      ...fields.map(({ permutation, sd, share, rankCorrelation }, index) => {
        const y = area.top + (index + 0.5) * rowHeight;
        const correlation = rankCorrelation === undefined ? "" : `, ρ ${signed(rankCorrelation, 2)}`;
        return [
          text(2, y + 2.8, fittedText(names[index] ?? "", left - 6)),
          rectangle(Math.min(x(0), x(permutation)), y - 4.5, Math.abs(x(permutation) - x(0)), 9, { fill: barColor }),
          line([x(permutation - sd), y], [x(permutation + sd), y], { width: 0.9 }),
          text(width - 2, y + 2.7, `${Math.round(100 * share)} %${correlation}`, { size: 7.5, anchor: "end" }),
        ].join("");
      }),
      line([x(0), area.top], [x(0), bottom]),
      text(
        2,
        bottom + bottomMargin + 7,
        `random forest on ${trials} trials, explains R² = ${fixedDecimals(2)(explained)} of unseen ones${caution}; ρ: rank correlation`,
        { size: 7, color: paleInk },
      ),
    ],
  };
}
