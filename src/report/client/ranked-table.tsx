import type { ComponentChildren } from "preact";

/** A column of a ranked table. */
export interface RankedColumn {
  readonly label: string;
  readonly isNumber?: true;
}

/** A short table of the most important rows, beside a matrix. */
export interface RankedTableProps {
  /** Names the region for assistive technology. */
  readonly label: string;
  readonly caption: string;
  readonly columns: readonly RankedColumn[];
  /** Cells in the order of the columns; keys tell rows apart. */
  readonly rows: readonly { readonly key: string; readonly cells: readonly ComponentChildren[] }[];
}

/** A card with a few ranked rows. */
export function RankedTable({ label, caption, columns, rows }: RankedTableProps) {
  const alignment = (index: number) => (columns[index]?.isNumber ? "right" : undefined);
  return (
    <div class="card scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="data-table">
        <caption>
          <span>{caption}</span>
        </caption>
        {rows.length > 0 && (
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th key={column.label} scope="col" class={alignment(index)}>
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, index) => (
                <td key={columns[index]?.label} class={alignment(index)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
