import { useMemo } from "preact/hooks";
import { duration, grouped, percent } from "../number-formats.ts";
import type { RunCosts } from "../report-data.ts";
import { usd } from "./dimensions.ts";
import type { Entry, Model } from "./model.ts";
import { SortHeader, sortRows, useSorting } from "./sorting.tsx";

/** More rows than this are on the leaderboard. */
const maxRows = 100;

interface CostRow {
  readonly entry: Entry;
  readonly seconds: number;
  readonly attempts: number;
  /** Attempts that came to nothing. */
  readonly repeated: number;
}

/** What the run used up, and by which configuration. */
export function CostSection({ model }: { readonly model: Model }) {
  const { costs } = model.data;
  const shown = model.shown.value;
  const rows = useMemo(() => shown.flatMap((index) => costRow(model, model.entries[index])), [model, shown]);
  const control = useSorting({ key: "seconds", direction: "descending" });
  const sorting = control.sorting.value;
  const sorted = sortRows(rows, sorting, (row) => (sorting.key === "attempts" ? row.attempts : row.seconds));
  const longest = Math.max(...rows.map(({ seconds }) => seconds), 0);
  const shared = { control: { sorting, toggle: control.toggle } };
  const price = costs.pricePerHour;
  return (
    <>
      <dl class="tiles">
        {costTiles(costs).map(({ label, value, note }) => (
          <div key={label} class="tile">
            <dt>{label}</dt>
            <dd>
              {value} {note && <small>{note}</small>}
            </dd>
          </div>
        ))}
      </dl>
      {price === undefined && (
        <p class="hint">
          Without a price there are no costs: `run.budget.pricePerHour` in the experiment, or `--price-per-hour 0.53`
          with `nightsweep run` or `report`.
        </p>
      )}
      <div class="card scroll tall" tabIndex={0} role="region" aria-label="Time and cost by configuration">
        <table class="data-table">
          <caption>
            <span>
              Training time of the finished seeds that this run or an earlier one trained
              {rows.length > maxRows && `; the first ${maxRows} of ${rows.length}`}
            </span>
          </caption>
          <thead>
            <tr>
              <th scope="col">configuration</th>
              <SortHeader name="seconds" align="right" isBiggestFirst {...shared}>
                time of its seeds
              </SortHeader>
              {price !== undefined && (
                <th scope="col" class="right">
                  cost
                </th>
              )}
              <SortHeader name="attempts" align="right" isBiggestFirst {...shared}>
                attempts
              </SortHeader>
              <th scope="col" class="right">
                of them repeated
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, maxRows).map(({ entry, seconds, attempts, repeated }) => (
              <tr key={entry.index}>
                <th scope="row">{entry.label}</th>
                <td class="right">
                  <span class="meter wide" style={{ "--share": `${(100 * seconds) / (longest || 1)}%` }} />
                  {duration(seconds)}
                </td>
                {price !== undefined && <td class="right">{usd((seconds / 3600) * price)}</td>}
                <td class="right">{attempts}</td>
                <td class="right">{repeated}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function costRow({ data }: Model, entry: Entry | undefined): CostRow[] {
  if (!entry) return [];
  const trials = entry.trials.map((index) => data.comparison.trials[index]);
  const attempts = entry.trials.map((index) => data.costs.attempts[index] ?? 0);
  return [
    {
      entry,
      seconds: trials.reduce((sum, trial) => sum + (trial?.seconds ?? 0), 0),
      attempts: attempts.reduce((sum, count) => sum + count, 0),
      repeated: attempts.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
    },
  ];
}

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
}

function costTiles(costs: RunCosts): Tile[] {
  const { usefulSeconds, computingSeconds, paidSeconds, gpuSeconds, savedSeconds, pricePerHour, attempts } = costs;
  const total = attempts.reduce((sum, count) => sum + count, 0);
  const repeated = attempts.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  const wasted = computingSeconds === undefined ? undefined : Math.max(0, computingSeconds - usefulSeconds);
  return [
    { label: "Time that led to results", value: duration(usefulSeconds) },
    ...(computingSeconds === undefined
      ? []
      : [{ label: "Computing time of all attempts", value: duration(computingSeconds) }]),
    ...(wasted === undefined || computingSeconds === undefined || computingSeconds === 0
      ? []
      : [
          {
            label: "Not part of a result",
            value: percent(wasted / computingSeconds),
            note: `${duration(wasted)}: starting, failed and lost work`,
          },
        ]),
    { label: "Attempts", value: grouped(total), note: repeated > 0 ? `${repeated} repeated` : "none repeated" },
    { label: "GPU-hours", value: (gpuSeconds / 3600).toFixed(2) },
    ...(savedSeconds > 0 ? [{ label: "Saved by earlier runs", value: duration(savedSeconds) }] : []),
    ...(pricePerHour === undefined
      ? []
      : [
          {
            label: "Cost",
            value: usd(((paidSeconds ?? computingSeconds ?? usefulSeconds) / 3600) * pricePerHour),
            note: `at ${usd(pricePerHour)} an hour of ${paidSeconds === undefined ? "computing" : "the machine"}`,
          },
        ]),
  ];
}
