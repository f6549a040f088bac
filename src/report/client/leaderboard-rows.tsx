import type { ConfigurationRow, MetricSummary, TrialRow } from "../../compare/comparison.ts";
import { describeConfiguration } from "../describe-configuration.ts";
import { configurationMean, trialFigure, type Figure } from "../figures.ts";
import { grouped } from "../number-formats.ts";
import type { Scale } from "./interval-scale.ts";
import { Interval } from "./interval.tsx";

interface RowsProps {
  readonly columns: readonly string[];
  readonly trials: readonly TrialRow[];
  readonly figures: readonly Figure[];
  readonly row: ConfigurationRow;
  readonly scale: Scale | null;
  readonly isUnfolded: boolean;
  readonly onFold: () => void;
}

/** A configuration's row, with a row for each of its seeds when unfolded. */
export function ConfigurationRows({ columns, trials, figures, row, scale, isUnfolded, onFold }: RowsProps) {
  return (
    <>
      <tr class={row.rank === 1 ? "best" : undefined}>
        <td>
          <button
            type="button"
            class="fold"
            aria-expanded={isUnfolded}
            aria-label={`rank ${row.rank ?? "none"}, seeds of ${describeConfiguration(row.values, columns)}`}
            onClick={onFold}
          >
            <span aria-hidden="true">{isUnfolded ? "▾" : "▸"}</span> {row.rank ?? "–"}
          </button>
        </td>
        <ValueCells columns={columns} row={row} />
        {scale && (
          <td>
            <Interval row={row} trials={trials} scale={scale} />
          </td>
        )}
        {figures.map((figure) => (
          <FigureCell key={figure.key} figure={figure} row={row} />
        ))}
        <td class="right">
          {row.seeds.finished} of {row.seeds.planned}
          {row.seeds.failed > 0 && <span class="failed">{row.seeds.failed} failed</span>}
        </td>
        <td class="right">{grouped(row.parameterCount)}</td>
      </tr>
      {isUnfolded &&
        trials.map((trial) => (
          <SeedRow
            key={trial.trialId}
            trial={trial}
            figures={figures}
            labelColumns={Math.max(1, columns.length) + (scale ? 1 : 0)}
          />
        ))}
    </>
  );
}

function ValueCells({ columns, row }: { readonly columns: readonly string[]; readonly row: ConfigurationRow }) {
  if (columns.length === 0) return <th scope="row">{describeConfiguration(row.values, columns)}</th>;
  return (
    <>
      {columns.map((path, index) => {
        const text = String(row.values[path] ?? "–");
        // The first value names the row for screen readers.
        return index === 0 ? (
          <th key={path} scope="row">
            {text}
          </th>
        ) : (
          <td key={path}>{text}</td>
        );
      })}
    </>
  );
}

function FigureCell({ figure, row }: { readonly figure: Figure; readonly row: ConfigurationRow }) {
  const mean = configurationMean(row, figure.key);
  const summary: MetricSummary | undefined = figure.key === "seconds" ? undefined : row.metrics[figure.key];
  return (
    <td class="right">
      {mean === null ? "–" : figure.format(mean)}
      {summary?.sd !== undefined && <span class="spread"> ± {figure.formatSpread(summary.sd)}</span>}
    </td>
  );
}

interface SeedRowProps {
  readonly trial: TrialRow;
  readonly figures: readonly Figure[];
  readonly labelColumns: number;
}

function SeedRow({ trial, figures, labelColumns }: SeedRowProps) {
  return (
    <tr class="replicate">
      <td />
      <th scope="row" colSpan={labelColumns}>
        seed {trial.seed} · <span class={`state-${trial.state}`}>{trial.state}</span>
        <span class="spread"> · trial {trial.trialId.slice(0, 8)}</span>
      </th>
      {trial.failure ? (
        <td class="wrap" colSpan={figures.length}>
          {trial.failure.reason} ({trial.failure.kind}, attempt {trial.failure.attempt})
        </td>
      ) : (
        figures.map((figure) => {
          const value = trialFigure(trial, figure);
          return (
            <td key={figure.key} class="right">
              {value === null ? "–" : figure.format(value)}
            </td>
          );
        })
      )}
      <td colSpan={2} class="right spread">
        {trial.epochs} epochs
        {trial.stoppedEarly !== undefined && " (stopped early)"}
        {trial.testedEpoch !== undefined && trial.testedEpoch !== trial.epochs && `, tested: ${trial.testedEpoch}`}
      </td>
    </tr>
  );
}
