import { nearestIndex } from "./curve-drawing.ts";
import { parts, type CurveLine } from "./curve-lines.ts";
import type { Entry, Model } from "./model.ts";
import { colourNumbers, hovered, picks, shortId, togglePick } from "./picks.ts";

/** What lines, dashes and figures mean. @param at where the pointer is, in words */
export function CurveKey({ shown, at }: { readonly shown: readonly string[]; readonly at: string | null }) {
  const drawn = parts.filter(({ part }) => shown.includes(part));
  const names = drawn.map(({ label }) => label).join(" / ");
  return (
    <p class="key">
      {drawn.map(({ part, label }) => (
        <span key={part}>
          <span class={`stroke ${part}`} />
          {label}
        </span>
      ))}
      <span>line: mean over seeds, band: lowest to highest seed; drag to zoom, double click or Escape to undo</span>
      {names && (
        <span>
          figures: {names}, {at === null ? "last epoch" : `at ${at}`}
        </span>
      )}
    </p>
  );
}

interface CurveLegendProps {
  readonly model: Model;
  readonly entries: readonly Entry[];
  readonly lines: readonly CurveLine[];
  readonly at: number | null;
  readonly format: (value: number) => string;
}

/** The configurations that are drawn, each with a button that takes it away, and how to get others. */
export function CurveLegend({ model, entries, lines, at, format }: CurveLegendProps) {
  const numbers = colourNumbers(entries);
  const remove = (entry: Entry): void => {
    if (picks.value.length > 0) togglePick(entry);
    else picks.value = entries.filter((other) => other !== entry).map(shortId);
  };
  return (
    <div class="legend" role="group" aria-label="Drawn configurations">
      {entries.map((entry) => (
        <button
          key={entry.index}
          type="button"
          title="take it out of the picture"
          style={{ "--series": `var(--series-${numbers.get(entry.index) ?? 0})` }}
          onClick={() => remove(entry)}
          onMouseEnter={() => (hovered.value = entry.index)}
          onMouseLeave={() => (hovered.value = null)}
        >
          <span class="swatch" />
          {entry.label}
          <span class="value">{readout(lines, entry, at, format)}</span>
        </button>
      ))}
      {picks.value.length > 0 ? (
        <button type="button" onClick={() => (picks.value = [])}>
          draw the best {Math.min(6, model.shown.value.length)} instead
        </button>
      ) : (
        <span class="aside">The best ones that pass the filters. Tick others on the leaderboard to draw those.</span>
      )}
    </div>
  );
}

/** The figures nearest to a place on the axis, or the last ones: `0.0311 / 0.0402` for two parts. */
function readout(
  lines: readonly CurveLine[],
  entry: Entry,
  at: number | null,
  format: (value: number) => string,
): string {
  return lines
    .filter((line) => line.entry === entry)
    .map(({ x, smooth }) => {
      const value = at === null ? smooth.at(-1) : smooth[nearestIndex(x, at)];
      return value === undefined ? "–" : format(value);
    })
    .join(" / ");
}
