import { useComputed, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ConfigurationCurves } from "../../compare/learning-curves.ts";
import { describeConfiguration } from "../describe-configuration.ts";
import { figureOf } from "../figures.ts";
import { short } from "../number-formats.ts";
import type { ReportData } from "../report-data.ts";
import { Choice } from "./choice.tsx";
import { CurveChart } from "./curve-chart.tsx";
import { CurveTable } from "./curve-table.tsx";
import { curveName, drawCurves, parts, type CurveEntry, type Part, type Quantity } from "./curve-series.ts";
import { themeColors } from "./theme-colors.ts";

/** More lines than this can't be told apart: the others start hidden. */
const firstShownCount = 6;
/** More buttons than this are no legend any more. */
const maxEntries = 100;

/** Loss and accuracy over epochs. */
export function CurvesSection({ data }: { readonly data: ReportData }) {
  const entries = useMemo(() => entriesOf(data), [data]);
  const measured = parts.filter(({ part }) => entries.some(({ curves }) => curves[curveName(part, "Loss")]));
  const quantity = useSignal<Quantity>("Loss");
  const shownParts = useSignal<readonly Part[]>(measured.slice(0, 2).map(({ part }) => part));
  const axis = useSignal<"linear" | "logarithmic">("linear");
  const shown = useSignal<ReadonlySet<string>>(new Set(entries.slice(0, firstShownCount).map(({ id }) => id)));
  const epoch = useSignal<number | null>(null);
  const drawing = useComputed(() => {
    const { series } = themeColors.value;
    const drawn = entries.flatMap(({ id, curves, colorIndex }) =>
      shown.value.has(id) ? [{ curves, color: series[colorIndex] ?? "#888888" }] : [],
    );
    return drawCurves(drawn, quantity.value, shownParts.value, { onlyPositive: axis.value === "logarithmic" });
  });
  const { format } = figureOf(quantity.value === "Loss" ? "trainLoss" : "trainAccuracy");
  return (
    <>
      {data.curves.configurations.length > entries.length && (
        <p class="hint">Of the best {maxEntries} configurations.</p>
      )}
      <div class="controls">
        <Choice
          label="Figure"
          value={quantity.value}
          options={[
            { value: "Loss", label: "loss" },
            { value: "Accuracy", label: "accuracy" },
          ]}
          onChange={(value) => (quantity.value = value)}
        />
        <PartToggles measured={measured} shown={shownParts.value} onChange={(next) => (shownParts.value = next)} />
        <Choice
          label="Vertical axis"
          value={axis.value}
          options={[
            { value: "linear", label: "linear" },
            { value: "logarithmic", label: "logarithmic" },
          ]}
          onChange={(value) => (axis.value = value)}
        />
      </div>
      <figure class="card chart">
        <CurveChart
          drawing={drawing.value}
          isLogarithmic={axis.value === "logarithmic"}
          formatTick={quantity.value === "Loss" ? short : percentTick}
          colors={themeColors.value}
          label={`${quantity.value.toLowerCase()} over epochs; the figures are in the table below`}
          onEpoch={(next) => (epoch.value = next)}
        />
        <figcaption>
          <CurveKey shown={shownParts.value} epoch={epoch.value} />
          <CurveLegend
            entries={entries}
            shown={shown.value}
            onChange={(next) => (shown.value = next)}
            readout={(curves) => readout(curves, quantity.value, shownParts.value, epoch.value, format)}
          />
        </figcaption>
      </figure>
      <CurveTable entries={entries.filter(({ id }) => shown.value.has(id))} quantity={quantity.value} format={format} />
    </>
  );
}

function entriesOf({ comparison, curves }: ReportData): CurveEntry[] {
  const curvesById = new Map(curves.configurations.map((entry) => [entry.configurationId, entry.curves]));
  const entries = comparison.configurations.flatMap(({ configurationId, values }, index) => {
    const found = curvesById.get(configurationId);
    const label = describeConfiguration(values, comparison.columns);
    return found ? [{ id: configurationId, label, colorIndex: index % 8, curves: found }] : [];
  });
  return entries.slice(0, maxEntries);
}

interface PartTogglesProps {
  readonly measured: typeof parts;
  readonly shown: readonly Part[];
  readonly onChange: (shown: readonly Part[]) => void;
}

function PartToggles({ measured, shown, onChange }: PartTogglesProps) {
  return (
    <fieldset class="choice">
      <legend>Measured on</legend>
      <div class="options">
        {measured.map(({ part, label }) => (
          <button
            key={part}
            type="button"
            aria-pressed={shown.includes(part)}
            onClick={() => onChange(shown.includes(part) ? shown.filter((other) => other !== part) : [...shown, part])}
          >
            {label}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

function CurveKey({ shown, epoch }: { readonly shown: readonly Part[]; readonly epoch: number | null }) {
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

function CurveLegend({ entries, shown, onChange, readout }: CurveLegendProps) {
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

function percentTick(share: number): string {
  return `${short(share * 100)} %`;
}

/** The means at an epoch, or at the last one: `0.0311`, or `0.0311 / 0.0402` for two parts. */
function readout(
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
