import { Select } from "./choice.tsx";
import { categoriesOf, type Dimension } from "./dimensions.ts";
import { setFilter } from "./filters.ts";
import { dimensionOf, type Model } from "./model.ts";
import { textState } from "./view-state.ts";

/** More values than this are no grid any more. */
const maxValues = 40;

const rowKey = textState("hy");
const columnKey = textState("hx");
const figureKey = textState("hz");

/** Dimensions that a grid can be made of. */
export function gridDimensions({ dimensions }: Model): Dimension[] {
  const grids = dimensions.filter(
    (dimension) => dimension.group === "parameter" && isBetween(valuesOf(dimension).length, 2, maxValues),
  );
  // Numbers first: their order means something.
  return grids.sort((a, b) => Number(a.kind === "category") - Number(b.kind === "category"));
}

function isBetween(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

/** The different values, ascending; as texts, because that is how cells are found. */
function valuesOf(dimension: Dimension): string[] {
  if (dimension.kind === "category") return categoriesOf(dimension);
  const numbers = [...new Set(dimension.values)].filter((value) => typeof value === "number");
  return numbers.sort((a, b) => a - b).map(String);
}

/** Two swept parameters as rows and columns, and a figure as colour. */
export function HeatSection({ model }: { readonly model: Model }) {
  const grids = gridDimensions(model);
  const rows = grids.find(({ key }) => key === rowKey.value) ?? grids[0];
  const columns = grids.find(({ key }) => key === columnKey.value) ?? grids.find((other) => other !== rows);
  const { rankedBy } = model.data.comparison;
  const figures = model.dimensions.filter(({ group, kind }) => group !== "parameter" && kind === "number");
  const figure = dimensionOf(model, figureKey.value) ?? dimensionOf(model, rankedBy?.metric ?? "testAccuracy");
  if (!rows || !columns || !figure) return null;
  const options = (dimensions: readonly Dimension[]) => dimensions.map(({ key, label }) => ({ value: key, label }));
  return (
    <>
      <div class="controls">
        <Select label="Rows" value={rows.key} options={options(grids)} onChange={(key) => (rowKey.value = key)} />
        <Select
          label="Columns"
          value={columns.key}
          options={options(grids)}
          onChange={(key) => (columnKey.value = key)}
        />
        <Select
          label="Figure"
          value={figure.key}
          options={options(figures)}
          onChange={(key) => (figureKey.value = key)}
        />
      </div>
      <HeatMap model={model} rows={rows} columns={columns} figure={figure} />
    </>
  );
}

interface HeatCell {
  /** Of the best configuration of the cell. */
  readonly value: number;
  readonly count: number;
}

interface HeatMapProps {
  readonly model: Model;
  readonly rows: Dimension;
  readonly columns: Dimension;
  readonly figure: Dimension;
}

function HeatMap({ model, rows, columns, figure }: HeatMapProps) {
  const cells = heatCells(model.shown.value, rows, columns, figure);
  const levels = levelsOf(
    [...cells.values()].map(({ value }) => value),
    figure.better,
  );
  const [rowValues, columnValues] = [valuesOf(rows), valuesOf(columns)];
  const several = [...cells.values()].some(({ count }) => count > 1);
  const show = (row: string, column: string): void => {
    keepValue(rows, row);
    keepValue(columns, column);
  };
  return (
    <div class="card scroll" tabIndex={0} role="region" aria-label="Heat map, scrolls sideways">
      <table class="matrix heat">
        <caption>
          {figure.label}
          {several && ", best of the cell"}
        </caption>
        <thead>
          <tr>
            <th class="corner" scope="col">
              {columns.label} →<br />
              {rows.label} ↓
            </th>
            {columnValues.map((value) => (
              <th key={value} scope="col">
                {value}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rowValues.map((row) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {columnValues.map((column) => {
                const cell = cells.get(`${row}\n${column}`);
                return cell === undefined ? (
                  <td key={column} class="zero">
                    –
                  </td>
                ) : (
                  <td key={column} class="hit" style={{ "--level": levels(cell.value).toFixed(3) }}>
                    <button type="button" class="cell" onClick={() => show(row, column)}>
                      {figure.format(cell.value)}
                      {cell.count > 1 && <small> best of {cell.count}</small>}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function keepValue({ key, kind }: Dimension, text: string): void {
  const number = Number(text);
  setFilter(key, kind === "number" ? { type: "range", low: number, high: number } : { type: "any", values: [text] });
}

function heatCells(
  shown: readonly number[],
  rows: Dimension,
  columns: Dimension,
  figure: Dimension,
): ReadonlyMap<string, HeatCell> {
  const cells = new Map<string, HeatCell>();
  for (const index of shown) {
    const value = figure.values[index];
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    const key = `${String(rows.values[index] ?? "–")}\n${String(columns.values[index] ?? "–")}`;
    const { value: best = value, count = 0 } = cells.get(key) ?? {};
    const isBetter = figure.better === "lower" ? value < best : value > best;
    cells.set(key, { value: isBetter ? value : best, count: count + 1 });
  }
  return cells;
}

/**
 * Strength of the colour of a value, 0…1: its place among the others, so that one value far off doesn't make all others
 * look alike.
 */
function levelsOf(values: readonly number[], better: Dimension["better"]): (value: number) => number {
  const ordered = [...new Set(values)].sort((a, b) => (better === "lower" ? b - a : a - b));
  const places = new Map(ordered.map((value, place) => [value, place / Math.max(1, ordered.length - 1)]));
  return (value) => places.get(value) ?? 0;
}
