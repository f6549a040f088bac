import { useCallback, useMemo, useRef } from "preact/hooks";
import { figureOf } from "../figures.ts";
import { Select, Toggles } from "./choice.tsx";
import type { Dimension } from "./dimensions.ts";
import { setFilter } from "./filters.ts";
import type { Model } from "./model.ts";
import { hovered, pickedEntries, togglePick } from "./picks.ts";
import { ParallelAxes } from "./parallel-axes.tsx";
import { axesFor, drawParallel, nearestLine, parallelMargin, type ParallelAxis } from "./parallel-drawing.ts";
import { Canvas } from "./plot/canvas.tsx";
import { TableBelow } from "./table-below.tsx";
import { themeColors } from "./theme-colors.ts";
import { listState, numberState } from "./view-state.ts";

const chartHeight = 400;
/** More axes than this can't be told apart. */
const firstAxisCount = 8;
/** Pixels that the name of an axis needs. */
const narrowestAxis = 110;
/** Of the highest value to the lowest. */
const widestLinear = 10;

const chosenAxes = listState("axes");
/** `auto`: parameters that span more than an order of magnitude, until somebody chooses. */
const logAxes = listState("alog", ["auto"]);
const topCount = numberState("top", 0);

/** Each configuration as a line through its values; what is brushed filters all views. */
export function ParallelSection({ model }: { readonly model: Model }) {
  const dimensions = useMemo(() => axisDimensions(model, chosenAxes.value), [model, chosenAxes.value]);
  const logarithmic = useMemo(() => logarithmicAxes(dimensions, logAxes.value), [dimensions, logAxes.value]);
  const axes = useMemo(() => axesFor(dimensions, logarithmic), [dimensions, logarithmic]);
  const ranking = model.data.comparison.rankedBy?.metric;
  return (
    <>
      <div class="controls">
        <Toggles
          label="Axes"
          chosen={dimensions.map(({ key }) => key)}
          options={candidates(model).map(({ key, label }) => ({ value: key, label }))}
          onChange={(next) => (chosenAxes.value = next)}
        />
        <Toggles
          label="Logarithmic"
          chosen={logarithmic}
          options={dimensions.filter(canBeLogarithmic).map(({ key, label }) => ({ value: key, label }))}
          onChange={(next) => (logAxes.value = next.length === 0 ? ["none"] : next)}
        />
        <Select
          label="In colour"
          value={String(topCount.value)}
          options={[0, 5, 10, 25, 100].map((count) => ({
            value: String(count),
            label: count === 0 ? "by rank" : `the best ${count}`,
          }))}
          onChange={(count) => (topCount.value = Number(count))}
        />
      </div>
      <ParallelChart model={model} axes={axes} />
      <p class="key">
        <span>
          <span class="tone ramp" />
          better rank {ranking === undefined ? "" : `by ${figureOf(ranking).label}`}
        </span>
        <span>
          Drag along an axis to keep a range; click there to undo. Click a line to pick it. The same ranges are under
          “Filters” on the leaderboard, for the keyboard.
        </span>
      </p>
      <TableBelow
        name="parallel coordinates"
        caption="Configurations that pass the filters, best first"
        columns={["configuration", ...dimensions.map(({ label }) => label)]}
        rows={() =>
          model.shown.value.map((index) => [
            model.entries[index]?.label ?? "",
            ...dimensions.map(({ values, format }) => format(values[index] ?? null)),
          ])
        }
      />
    </>
  );
}

function candidates({ dimensions }: Model): Dimension[] {
  return dimensions.filter(({ key }) => key !== "failed");
}

function axisDimensions(model: Model, chosen: readonly string[]): Dimension[] {
  const all = candidates(model);
  const asked = all.filter(({ key }) => chosen.includes(key));
  if (asked.length > 1) return asked;
  const { rankedBy } = model.data.comparison;
  const usual = all.filter(
    ({ key, group }) => group === "parameter" || ["seconds", "testAccuracy", rankedBy?.metric].includes(key),
  );
  // The figures stand last, where eyes end up.
  const ordered = [
    ...usual.filter(({ group }) => group !== "figure"),
    ...usual.filter(({ group }) => group === "figure"),
  ];
  return ordered.slice(-firstAxisCount);
}

function logarithmicAxes(dimensions: readonly Dimension[], chosen: readonly string[]): readonly string[] {
  if (!chosen.includes("auto")) return chosen;
  const isWide = ({ group, extent = [1, 1] }: Dimension): boolean =>
    group === "parameter" && extent[1] > widestLinear * extent[0];
  return dimensions.filter((dimension) => canBeLogarithmic(dimension) && isWide(dimension)).map(({ key }) => key);
}

function canBeLogarithmic({ kind, extent }: Dimension): boolean {
  return kind === "number" && extent !== undefined && extent[0] > 0;
}

function ParallelChart({ model, axes }: { readonly model: Model; readonly axes: readonly ParallelAxis[] }) {
  const holder = useRef<HTMLDivElement>(null);
  const shown = model.shown.value;
  const colors = themeColors.value;
  const pointed = hovered.value;
  const picked = pickedEntries(model).map(({ index }) => index);
  const top = topCount.value;
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) =>
      drawParallel(context, { axes, width, height, shown, colors, picked, pointed, top, count: model.entries.length }),
    [axes, shown, colors, pointed, top, picked.join()],
  );
  const lineAt = (event: MouseEvent): number | null => {
    const box = holder.current?.getBoundingClientRect();
    if (!box) return null;
    const at = { x: event.clientX - box.left, y: event.clientY - box.top };
    return nearestLine(axes, shown, { width: box.width, height: chartHeight }, at);
  };
  return (
    <div class="card scroll" tabIndex={0} role="region" aria-label="Parallel coordinates, scrolls sideways">
      <div
        ref={holder}
        class="plot parallel"
        style={{ minWidth: `${axes.length * narrowestAxis}px` }}
        onPointerMove={(event) => (hovered.value = lineAt(event))}
        onPointerLeave={() => (hovered.value = null)}
        onClick={(event) => {
          const entry = model.entries[lineAt(event) ?? -1];
          if (entry) togglePick(entry);
        }}
      >
        <Canvas height={chartHeight} draw={draw} />
        <ParallelAxes axes={axes} height={chartHeight} margin={parallelMargin} onRange={setFilter} />
        <p class="readout idle" aria-live="polite">
          {pointed === null ? "Point at a line." : describe(model, axes, pointed)}
        </p>
      </div>
    </div>
  );
}

function describe({ entries }: Model, axes: readonly ParallelAxis[], index: number): string {
  const rank = entries[index]?.row.rank;
  const values = axes.map(({ dimension }) => `${dimension.label} ${dimension.format(dimension.values[index] ?? null)}`);
  return `${rank === undefined ? "not ranked" : `rank ${rank}`}: ${values.join(" · ")}`;
}
