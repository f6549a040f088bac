import type { ConfusionTable, NamedClassFigures } from "../../compare/confusion-of.ts";
import { grouped, percent } from "../number-formats.ts";
import { SortHeader, sortRows, useSorting, type SortValue } from "./sorting.tsx";

const orderKey = "order";
const countColumns = [
  { key: "support", label: "examples" },
  { key: "truePositives", label: "TP" },
  { key: "falsePositives", label: "FP" },
  { key: "falseNegatives", label: "FN" },
  { key: "trueNegatives", label: "TN" },
] as const;
const shareColumns = [
  { key: "precision", label: "precision" },
  { key: "recall", label: "recall" },
  { key: "f1", label: "F1" },
] as const;

/** Counts and ratios of every class against the rest. */
export function ClassTable({ table, label }: { readonly table: ConfusionTable; readonly label: string }) {
  const control = useSorting({ key: orderKey, direction: "ascending" });
  const sorting = control.sorting.value;
  const order = new Map(table.classes.map((entry, index) => [entry, index]));
  const rows = sortRows(table.classes, sorting, (row) => sortValue(row, sorting.key, order.get(row) ?? 0));
  const lowest = lowestShare(table);
  const shared = { control: { sorting, toggle: control.toggle } };
  return (
    <div class="card scroll class-scroll" tabIndex={0} role="region" aria-label="Figures by class, scrolls sideways">
      <table class="data-table">
        <caption>
          <span>
            {label}. TP, FP, FN, TN: true and false positives and negatives of the class against all others. Bars reach
            from {percent(lowest)} to 100 %.
          </span>
        </caption>
        <thead>
          <tr>
            <SortHeader name={orderKey} {...shared}>
              class
            </SortHeader>
            {countColumns.map(({ key, label }) => (
              <SortHeader key={key} name={key} align="right" isBiggestFirst {...shared}>
                {label}
              </SortHeader>
            ))}
            {shareColumns.map(({ key, label }) => (
              <SortHeader key={key} name={key} align="right" {...shared}>
                {label}
              </SortHeader>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <ClassRow key={order.get(row)} row={row} lowest={lowest} />
          ))}
        </tbody>
        <tfoot>
          <AverageRow title="mean of the classes" figures={table.macro} />
          <AverageRow title="mean, weighted by examples" figures={table.weighted} />
        </tfoot>
      </table>
    </div>
  );
}

function sortValue(row: NamedClassFigures, key: string, order: number): SortValue {
  const column = [...countColumns, ...shareColumns].find((column) => column.key === key);
  return column ? row[column.key] : order;
}

/** Where the meters start: all figures of a good model are near 1, and a bar from 0 would hide their differences. */
function lowestShare({ classes }: ConfusionTable): number {
  const lowest = Math.min(...classes.flatMap(({ precision, recall, f1 }) => [precision, recall, f1]));
  return Math.max(0, Math.floor(lowest * 20 - 1) / 20);
}

function ClassRow({ row, lowest }: { readonly row: NamedClassFigures; readonly lowest: number }) {
  return (
    <tr>
      <th scope="row">{row.name}</th>
      {countColumns.map(({ key }) => (
        <td key={key} class="right">
          {grouped(row[key])}
        </td>
      ))}
      {shareColumns.map(({ key }) => (
        <td key={key} class="right">
          <span class="meter" style={{ "--share": `${(100 * Math.max(0, row[key] - lowest)) / (1 - lowest || 1)}%` }} />
          {percent(row[key])}
        </td>
      ))}
    </tr>
  );
}

interface AverageRowProps {
  readonly title: string;
  readonly figures: ConfusionTable["macro"];
}

function AverageRow({ title, figures }: AverageRowProps) {
  return (
    <tr>
      <th scope="row" colSpan={countColumns.length + 1}>
        {title}
      </th>
      {shareColumns.map(({ key }) => (
        <td key={key} class="right">
          {percent(figures[key])}
        </td>
      ))}
    </tr>
  );
}
