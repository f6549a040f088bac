import type { MetricSummary } from "../../compare/comparison.ts";
import type { ConfigurationTest } from "../../compare/comparison-statistics.ts";
import { figureOf, isFigureKey, trialFigure } from "../figures.ts";
import { pText } from "../number-formats.ts";
import type { BaselineTests } from "./baseline-tests.ts";
import type { BoardColumns } from "./board-columns.ts";
import { unfolded } from "./board-state.ts";
import type { Dimension } from "./dimensions.ts";
import type { Scale } from "./interval-scale.ts";
import { Interval } from "./interval.tsx";
import { matrixSubject, duelA, duelB } from "./matrix-state.ts";
import { trialAt, type Entry, type Model } from "./model.ts";
import { baselineId, hovered, isPicked, shortId, togglePick } from "./picks.ts";
import { goToSection } from "./view-state.ts";

/** What all rows have in common. */
export interface RowContext {
  readonly model: Model;
  readonly columns: BoardColumns;
  readonly scale: Scale | null;
  /** The configuration that others are compared with. */
  readonly baseline: Entry | undefined;
  /** Of the others against the baseline; empty without one. */
  readonly tests: BaselineTests;
}

/** Columns of a row: rank, the dimensions, perhaps an interval, perhaps the test, seeds. */
export function columnCount({ columns, scale, baseline }: RowContext): number {
  const { parameters, figures, facts } = columns;
  return 2 + parameters.length + figures.length + facts.length + (scale ? 1 : 0) + (baseline ? 1 : 0);
}

interface EntryRowProps {
  readonly context: RowContext;
  readonly entry: Entry;
  readonly rowIndex?: number;
  readonly isPinned?: boolean;
}

/** A configuration's row. */
export function EntryRow({ context, entry, rowIndex, isPinned = false }: EntryRowProps) {
  const { model, columns, scale, baseline, tests } = context;
  const { row } = entry;
  const kind = isPinned ? "pinned" : row.rank === 1 ? "best" : undefined;
  return (
    <tr
      class={hovered.value === entry.index ? `${kind ?? ""} pointed` : kind}
      aria-rowindex={rowIndex}
      onMouseEnter={() => (hovered.value = entry.index)}
      onMouseLeave={() => (hovered.value = null)}
    >
      <RankCell entry={entry} isPinned={isPinned} />
      {columns.parameters.map((dimension) => (
        <td key={dimension.key} class={dimension.kind === "number" ? "right" : undefined}>
          {dimension.format(dimension.values[entry.index] ?? null)}
        </td>
      ))}
      {scale && (
        <td>
          <Interval row={row} trials={entry.trials.map((trial) => trialAt(model, trial))} scale={scale} />
        </td>
      )}
      {columns.figures.map((dimension) => (
        <FigureCell key={dimension.key} dimension={dimension} entry={entry} baseline={baseline} />
      ))}
      {baseline && <TestCell test={tests.get(row.configurationId)} />}
      {columns.facts.map((dimension) => (
        <FigureCell key={dimension.key} dimension={dimension} entry={entry} baseline={baseline} />
      ))}
      <td class="right">
        {row.seeds.finished} of {row.seeds.planned}
        {row.seeds.failed > 0 && <span class="failed">{row.seeds.failed} failed</span>}
      </td>
    </tr>
  );
}

function RankCell({ entry, isPinned }: { readonly entry: Entry; readonly isPinned: boolean }) {
  const { row, label } = entry;
  const id = shortId(entry);
  const isOpen = unfolded.value.includes(id);
  const fold = (): void => {
    unfolded.value = isOpen ? unfolded.peek().filter((other) => other !== id) : [...unfolded.peek(), id];
  };
  return (
    <th scope="row" class="rank-cell">
      <input
        type="checkbox"
        checked={isPicked(entry)}
        aria-label={`draw ${label}`}
        onChange={() => togglePick(entry)}
      />
      {isPinned ? (
        <span class="pin">baseline</span>
      ) : (
        <button
          type="button"
          class="fold"
          aria-expanded={isOpen}
          aria-label={`rank ${rankText(row)}, seeds of ${label}`}
          onClick={fold}
        >
          <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> {rankText(row)}
        </button>
      )}
    </th>
  );
}

/** `3`, or `3 (1)` if it can't be told from the first one; a dash without a rank. */
function rankText({ rank, tiedRank }: Entry["row"]): string {
  if (rank === undefined) return "–";
  return tiedRank === undefined || tiedRank === rank ? String(rank) : `${rank} (=${tiedRank})`;
}

interface FigureCellProps {
  readonly dimension: Dimension;
  readonly entry: Entry;
  readonly baseline: Entry | undefined;
}

function FigureCell({ dimension, entry, baseline }: FigureCellProps) {
  const { key, values, format, better } = dimension;
  const value = values[entry.index] ?? null;
  const other = baseline === undefined || baseline === entry ? null : (values[baseline.index] ?? null);
  const delta = typeof value === "number" && typeof other === "number" ? value - other : null;
  return (
    <td class="right">
      {format(value)}
      <Spread entry={entry} figure={key} />
      {delta !== null && (
        <span class={delta === 0 ? "delta" : delta > 0 === (better === "higher") ? "delta gain" : "delta loss"}>
          {dimension.formatDelta(delta)}
        </span>
      )}
    </td>
  );
}

function Spread({ entry, figure }: { readonly entry: Entry; readonly figure: string }) {
  const summary = summaryOf(entry, figure);
  if (summary?.sd === undefined || !isFigureKey(figure)) return null;
  return <span class="spread"> ± {figureOf(figure).formatSpread(summary.sd)}</span>;
}

function summaryOf({ row }: Entry, figure: string): MetricSummary | undefined {
  return Object.entries(row.metrics).find(([name]) => name === figure)?.[1];
}

/** Whether the difference from the baseline is more than luck. */
function TestCell({ test }: { readonly test: ConfigurationTest | undefined }) {
  if (test === undefined) return <td class="right">–</td>;
  const { welch, paired, isDifferent, why } = test;
  return (
    <td class="right" title={paired && `paired: ${paired.seeds} seeds that both have`}>
      {welch === undefined ? "can’t be tested" : pText(welch.adjustedP)}
      <span class="spread block">
        {isDifferent === undefined ? why : isDifferent ? "different" : "may be luck"}
        {paired !== undefined && ` · paired ${pText(paired.adjustedP)}`}
      </span>
    </td>
  );
}

/** A row of things to do with a configuration. */
export function ActionsRow({ context, entry }: { readonly context: RowContext; readonly entry: Entry }) {
  const id = shortId(entry);
  const isBaseline = baselineId.value === id;
  const show = (section: string, set: () => void) => () => {
    set();
    goToSection(section);
  };
  return (
    <tr class="replicate">
      <td />
      <td colSpan={columnCount(context) - 1} class="actions">
        <button type="button" onClick={() => (baselineId.value = isBaseline ? "" : id)}>
          {isBaseline ? "no longer the baseline" : "compare others with it"}
        </button>
        <button type="button" onClick={show("confusion", () => (matrixSubject.value = id))}>
          its confusion matrix
        </button>
        <button type="button" onClick={show("difference", () => (duelA.value = id))}>
          A of the difference
        </button>
        <button type="button" onClick={show("difference", () => (duelB.value = id))}>
          B of the difference
        </button>
        <span class="spread">configuration {entry.row.configurationId}</span>
      </td>
    </tr>
  );
}

/** The row of a seed. */
export function SeedRow({ context, trial: index }: { readonly context: RowContext; readonly trial: number }) {
  const { model, columns, scale, baseline } = context;
  const trial = trialAt(model, index);
  const labelColumns = columns.parameters.length + (scale ? 1 : 0);
  const rest = columns.facts.length + (baseline ? 1 : 0) + 1;
  const note = [
    trial.seconds === undefined ? "" : `${model.data.costs.attempts[index] ?? 1} attempt(s)`,
    `${trial.epochs} epochs${trial.stoppedEarly === undefined ? "" : " (stopped early)"}`,
    trial.testedEpoch !== undefined && trial.testedEpoch !== trial.epochs ? `tested: ${trial.testedEpoch}` : "",
  ];
  return (
    <tr class="replicate">
      <td />
      <td colSpan={Math.max(1, labelColumns)}>
        seed {trial.seed} · <span class={`state-${trial.state}`}>{trial.state}</span>
        <span class="spread"> · trial {trial.trialId.slice(0, 8)}</span>
      </td>
      {trial.failure ? (
        <td colSpan={columns.figures.length + rest} class="reason" title={trial.failure.reason}>
          {trial.failure.reason} ({trial.failure.kind}, attempt {trial.failure.attempt})
        </td>
      ) : (
        <>
          {columns.figures.map(({ key, format }) => (
            <td key={key} class="right">
              {isFigureKey(key) ? format(trialFigure(trial, { key, topK: model.data.comparison.topK ?? 0 })) : "–"}
            </td>
          ))}
          <td colSpan={rest} class="right spread">
            {note.filter((text) => text !== "").join(" · ")}
          </td>
        </>
      )}
    </tr>
  );
}
