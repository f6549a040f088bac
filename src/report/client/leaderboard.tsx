import { useSignal, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Comparison, ConfigurationRow } from "../../compare/comparison.ts";
import { groupBy } from "../../compare/group-by.ts";
import { columnLabels } from "../describe-configuration.ts";
import { configurationMean, isFigureKey, shownFigures, type Figure } from "../figures.ts";
import type { ReportData } from "../report-data.ts";
import { intervalScale, type Scale } from "./interval-scale.ts";
import { ConfigurationRows } from "./leaderboard-rows.tsx";
import { SortHeader, sortRows, useSorting, type SortControl, type SortValue } from "./sorting.tsx";

/** More rows than this take a browser noticeable time. */
const firstRowCount = 250;
const rankKey = "rank";
const seedsKey = "seeds";
const parametersKey = "parameters";

/** Configurations, best first, with their seeds folded in. */
export function Leaderboard({ data: { comparison } }: { readonly data: ReportData }) {
  const allFigures = shownFigures(comparison, "all");
  const hasAllFigures = useSignal(false);
  const figures = allFigures.filter((figure) => hasAllFigures.value || isMain(figure, comparison));
  const { sorting, toggle } = useSorting({ key: rankKey, direction: "ascending" });
  const drawnKey = useSignal<Figure["key"]>("testAccuracy");
  const hasAllRows = useSignal(comparison.configurations.length <= firstRowCount);
  const drawn = allFigures.find(({ key }) => key === drawnKey.value);
  const scale = drawn ? intervalScale(comparison, drawn) : null;
  const rows = sortRows(comparison.configurations, sorting.value, (row) => sortValue(row, sorting.value.key));
  return (
    <>
      <Controls
        figures={allFigures}
        drawnKey={drawnKey}
        hasAllFigures={hasAllFigures}
        canShowMore={allFigures.some((figure) => !isMain(figure, comparison))}
      />
      <div class="card scroll" tabIndex={0} role="region" aria-label="Leaderboard, scrolls sideways">
        <table class="data-table">
          <caption>
            <span>{comparison.rankedBy?.why ?? "Nothing is ranked yet."}</span>
          </caption>
          <Head
            columns={comparison.columns}
            figures={figures}
            scale={scale}
            control={{ sorting: sorting.value, toggle }}
          />
          <Body
            comparison={comparison}
            figures={figures}
            scale={scale}
            rows={hasAllRows.value ? rows : rows.slice(0, firstRowCount)}
          />
        </table>
      </div>
      {!hasAllRows.value && (
        <button type="button" class="more" onClick={() => (hasAllRows.value = true)}>
          Show all {rows.length} configurations
        </button>
      )}
    </>
  );
}

interface BodyProps {
  readonly comparison: Comparison;
  readonly figures: readonly Figure[];
  readonly scale: Scale | null;
  readonly rows: readonly ConfigurationRow[];
}

function Body({ comparison, figures, scale, rows }: BodyProps) {
  const unfolded = useSignal<ReadonlySet<string>>(new Set());
  const trials = useMemo(() => groupBy(comparison.trials, (trial) => trial.configurationId), [comparison]);
  const fold = (id: string): void => {
    const next = new Set(unfolded.value);
    if (!next.delete(id)) next.add(id);
    unfolded.value = next;
  };
  return (
    <tbody>
      {rows.map((row) => (
        <ConfigurationRows
          key={row.configurationId}
          columns={comparison.columns}
          trials={trials.get(row.configurationId) ?? []}
          figures={figures}
          row={row}
          scale={scale}
          isUnfolded={unfolded.value.has(row.configurationId)}
          onFold={() => fold(row.configurationId)}
        />
      ))}
    </tbody>
  );
}

/** What most readers look for; the other figures are a click away. */
function isMain({ key }: Figure, { rankedBy }: Comparison): boolean {
  return ["testAccuracy", "testLoss", "seconds", rankedBy?.metric].includes(key);
}

interface ControlsProps {
  readonly figures: readonly Figure[];
  readonly drawnKey: Signal<Figure["key"]>;
  readonly hasAllFigures: Signal<boolean>;
  readonly canShowMore: boolean;
}

function Controls({ figures, drawnKey, hasAllFigures, canShowMore }: ControlsProps) {
  const drawable = figures.filter(({ key }) => key !== "seconds");
  if (drawable.length === 0) return null;
  return (
    <div class="controls">
      <label>
        Draw intervals of
        <select
          value={drawnKey.value}
          onChange={({ currentTarget }) => {
            drawnKey.value = drawable.find(({ key }) => key === currentTarget.value)?.key ?? "testAccuracy";
          }}
        >
          {drawable.map(({ key, label }) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {canShowMore && (
        <button
          type="button"
          aria-pressed={hasAllFigures.value}
          onClick={() => (hasAllFigures.value = !hasAllFigures.value)}
        >
          All figures
        </button>
      )}
    </div>
  );
}

function sortValue(row: ConfigurationRow, key: string): SortValue {
  if (key === rankKey) return row.rank ?? null;
  if (key === seedsKey) return row.seeds.finished;
  if (key === parametersKey) return row.parameterCount;
  if (isFigureKey(key)) return configurationMean(row, key);
  const value = row.values[key] ?? null;
  return typeof value === "boolean" ? String(value) : value;
}

interface HeadProps {
  readonly columns: readonly string[];
  readonly figures: readonly Figure[];
  readonly scale: Scale | null;
  readonly control: SortControl;
}

function Head({ columns, figures, scale, control }: HeadProps) {
  const labels = columnLabels(columns);
  return (
    <thead>
      <tr>
        <SortHeader name={rankKey} control={control}>
          Rank
        </SortHeader>
        {columns.length === 0 && <th scope="col">configuration</th>}
        {columns.map((path) => (
          <SortHeader key={path} name={path} title={path} control={control}>
            {labels.get(path)}
          </SortHeader>
        ))}
        {scale && <ScaleHeader scale={scale} />}
        {figures.map((figure) => (
          <SortHeader
            key={figure.key}
            name={figure.key}
            control={control}
            align="right"
            isBiggestFirst={figure.better === "higher"}
          >
            {figure.label}
          </SortHeader>
        ))}
        <SortHeader name={seedsKey} control={control} align="right" isBiggestFirst>
          seeds
        </SortHeader>
        <SortHeader name={parametersKey} control={control} align="right">
          parameters
        </SortHeader>
      </tr>
    </thead>
  );
}

function ScaleHeader({ scale }: { readonly scale: Scale }) {
  return (
    <th scope="col">
      {scale.figure.label}, 95 % interval
      <span class="interval-range">
        <span>{scale.figure.format(scale.low)}</span>
        <span>{scale.figure.format(scale.high)}</span>
      </span>
    </th>
  );
}
