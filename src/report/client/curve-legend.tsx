import type { ConfigurationCurves } from "../../compare/learning-curves.ts";
import { curveName, parts, type CurveEntry, type Part, type Quantity } from "./curve-series.ts";

/** What lines, dashes and figures mean. */
export function CurveKey({ shown, epoch }: { readonly shown: readonly Part[]; readonly epoch: number | null }) {
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
      <span>line: mean over seeds, band: lowest to highest seed; drag to zoom, double click to undo</span>
      {names && (
        <span>
          figures: {names}, {epoch === null ? "last epoch" : `epoch ${epoch}`}
        </span>
      )}
    </p>
  );
}

interface CurveLegendProps {
  readonly entries: readonly CurveEntry[];
  readonly shown: ReadonlySet<string>;
  readonly onChange: (shown: ReadonlySet<string>) => void;
  readonly readout: (curves: ConfigurationCurves["curves"]) => string;
}

/** The configurations, each with a button that shows or hides it. */
export function CurveLegend({ entries, shown, onChange, readout }: CurveLegendProps) {
  const toggle = (id: string): void => {
    const next = new Set(shown);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <div class="legend" role="group" aria-label="Configurations">
      {entries.map(({ id, label, colorIndex, curves }) => (
        <button
          key={id}
          type="button"
          aria-pressed={shown.has(id)}
          style={{ "--series": `var(--series-${colorIndex})` }}
          onClick={() => toggle(id)}
        >
          <span class="swatch" />
          {label}
          <span class="value">{readout(curves)}</span>
        </button>
      ))}
      {entries.length > 2 && (
        <>
          <button type="button" class="plain" onClick={() => onChange(new Set(entries.map(({ id }) => id)))}>
            show all
          </button>
          <button type="button" class="plain" onClick={() => onChange(new Set())}>
            hide all
          </button>
        </>
      )}
    </div>
  );
}

/** The means at an epoch, or at the last one: `0.0311`, or `0.0311 / 0.0402` for two parts. */
export function readout(
  curves: ConfigurationCurves["curves"],
  quantity: Quantity,
  shownParts: readonly Part[],
  epoch: number | null,
  format: (value: number) => string,
): string {
  const texts = parts
    .filter(({ part }) => shownParts.includes(part))
    .map(({ part }) => {
      const curve = curves[curveName(part, quantity)];
      const value = epoch === null ? curve?.mean.at(-1) : curve?.mean[curve.epochs.indexOf(epoch)];
      return value === undefined ? "–" : format(value);
    });
  return texts.join(" / ");
}
