import { useSignal } from "@preact/signals";

interface TableBelowProps {
  /** What the table is of: `learning curves`. */
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly string[];
  /** Cells in the order of the columns; made when somebody looks. The first one names the row. */
  readonly rows: () => readonly (readonly string[])[];
}

/** More rows than this take a browser noticeable time. */
const maxRows = 1000;

/** The figures of a chart as a table, folded away until somebody asks. */
export function TableBelow({ name, caption, columns, rows }: TableBelowProps) {
  const isOpen = useSignal(false);
  const all = isOpen.value ? rows() : [];
  const label = `Table of the ${name}`;
  return (
    <details onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
      <summary>The same figures as a table</summary>
      {isOpen.value && (
        <div class="card scroll tall" tabIndex={0} role="region" aria-label={label}>
          <table class="data-table">
            <caption>
              <span>
                {caption}
                {all.length > maxRows && `. The first ${maxRows} of ${all.length} rows.`}
              </span>
            </caption>
            <thead>
              <tr>
                {columns.map((column, index) => (
                  <th key={index} scope="col" class={index > 0 ? "right" : undefined}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {all.slice(0, maxRows).map((cells, row) => (
                <tr key={row}>
                  {cells.map((cell, index) =>
                    index === 0 ? (
                      <th key={index} scope="row">
                        {cell}
                      </th>
                    ) : (
                      <td key={index} class="right">
                        {cell}
                      </td>
                    ),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
