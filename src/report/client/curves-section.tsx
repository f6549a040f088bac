import { useComputed, useSignal, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { describeConfiguration } from "../describe-configuration.ts";
import { figureOf } from "../figures.ts";
import { short } from "../number-formats.ts";
import type { ReportData } from "../report-data.ts";
import { Choice } from "./choice.tsx";
import { CurveChart } from "./curve-chart.tsx";
import { CurveKey, CurveLegend, readout } from "./curve-legend.tsx";
import { CurveTable } from "./curve-table.tsx";
import { curveName, drawCurves, parts, type CurveEntry, type Part, type Quantity } from "./curve-series.ts";
import { themeColors } from "./theme-colors.ts";

/** More lines than this can't be told apart: the others start hidden. */
const firstShownCount = 6;
/** More buttons than this are no legend any more. */
const maxEntries = 100;

type Axis = "linear" | "logarithmic";

/** Loss and accuracy over epochs. */
export function CurvesSection({ data }: { readonly data: ReportData }) {
  const entries = useMemo(() => entriesOf(data), [data]);
  const measured = parts.filter(({ part }) => entries.some(({ curves }) => curves[curveName(part, "Loss")]));
  const quantity = useSignal<Quantity>("Loss");
  const shownParts = useSignal<readonly Part[]>(measured.slice(0, 2).map(({ part }) => part));
  const axis = useSignal<Axis>("linear");
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
      <CurveControls measured={measured} quantity={quantity} shownParts={shownParts} axis={axis} />
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

interface CurveControlsProps {
  readonly measured: typeof parts;
  readonly quantity: Signal<Quantity>;
  readonly shownParts: Signal<readonly Part[]>;
  readonly axis: Signal<Axis>;
}

function CurveControls({ measured, quantity, shownParts, axis }: CurveControlsProps) {
  return (
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
  );
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

function percentTick(share: number): string {
  return `${short(share * 100)} %`;
}
