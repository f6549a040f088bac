import { curveName, parts, type CurveEntry, type Quantity } from "./curve-series.ts";

interface CurveTableProps {
  readonly entries: readonly CurveEntry[];
  readonly quantity: Quantity;
  readonly format: (value: number) => string;
}

/** The chart's figures as a table: means over the seeds. */
export function CurveTable({ entries, quantity, format }: CurveTableProps) {
  const columns = entries.flatMap(({ id, label, curves }) =>
    parts.flatMap(({ part, label: partLabel }) => {
      const curve = curves[curveName(part, quantity)];
      return curve ? [{ key: `${id} ${part}`, label, partLabel, curve }] : [];
    }),
  );
  const epochs = [...new Set(columns.flatMap(({ curve }) => curve.epochs))].sort((a, b) => a - b);
  return (
    <details>
      <summary>The same figures as a table</summary>
      <div class="card scroll" tabIndex={0} role="region" aria-label="Table of the learning curves, scrolls sideways">
        <table class="data-table">
          <caption>
            <span>Mean {quantity.toLowerCase()} over the seeds after each epoch</span>
          </caption>
          <thead>
            <tr>
              <th scope="col">epoch</th>
              {columns.map(({ key, label, partLabel }) => (
                <th key={key} scope="col" class="right">
                  {label}, {partLabel}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {epochs.map((epoch) => (
              <tr key={epoch}>
                <th scope="row">{epoch}</th>
                {columns.map(({ key, curve }) => {
                  const value = curve.mean[curve.epochs.indexOf(epoch)];
                  return (
                    <td key={key} class="right">
                      {value === undefined ? "–" : format(value)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
