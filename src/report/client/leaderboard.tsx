import { useMemo, useRef } from "preact/hooks";
import { figureOf, isFigureKey } from "../figures.ts";
import { testsAgainst, type BaselineTests } from "./baseline-tests.ts";
import { boardColumns } from "./board-columns.ts";
import { BoardControls } from "./board-controls.tsx";
import { boardLines, sortedEntries, type BoardLine } from "./board-lines.ts";
import { ActionsRow, columnCount, EntryRow, SeedRow, type RowContext } from "./board-rows.tsx";
import { boardGroup, boardSort, drawnFigure, hasAllFigures, onlyDiffering, unfolded } from "./board-state.ts";
import type { Dimension } from "./dimensions.ts";
import { FailureTable } from "./failure-table.tsx";
import { intervalScale, type Scale } from "./interval-scale.ts";
import { entryOfId, type Model } from "./model.ts";
import { baselineId } from "./picks.ts";
import { SortHeader, type SortControl } from "./sorting.tsx";
import { useWindowedRows, type RowWindow } from "./windowed-rows.ts";

/** Height of every row, in CSS pixels: the style sheet holds rows to it. */
const rowHeight = 40;

const noTests: BaselineTests = new Map();

/** Configurations, best first, with their seeds folded in; only the rows in sight are in the page. */
export function Leaderboard({ model }: { readonly model: Model }) {
  const { comparison } = model.data;
  const shown = model.shown.value;
  const entries = useMemo(() => sortedEntries(model, shown, boardSort.value), [model, shown, boardSort.value]);
  const columns = useMemo(
    () => boardColumns(model, entries, { onlyDiffering: onlyDiffering.value, hasAllFigures: hasAllFigures.value }),
    [model, entries, onlyDiffering.value, hasAllFigures.value],
  );
  const scale = useMemo(
    () => (isFigureKey(drawnFigure.value) ? intervalScale(comparison, figureOf(drawnFigure.value)) : null),
    [comparison, drawnFigure.value],
  );
  const lines = useMemo(
    () => boardLines(model, entries, { group: boardGroup.value, unfolded: unfolded.value }),
    [model, entries, boardGroup.value, unfolded.value],
  );
  const baseline = useMemo(() => entryOfId(model, baselineId.value), [model, baselineId.value]);
  const tests = useMemo(() => (baseline ? testsAgainst(model.data, baseline) : noTests), [model, baseline]);
  const context: RowContext = { model, columns, scale, baseline, tests };
  return (
    <>
      <BoardControls model={model} entries={entries} columns={columns} tests={tests} />
      <BoardTable context={context} lines={lines} entryCount={entries.length} />
      <FailureTable model={model} />
    </>
  );
}

interface BoardTableProps {
  readonly context: RowContext;
  readonly lines: readonly BoardLine[];
  readonly entryCount: number;
}

function BoardTable({ context, lines, entryCount }: BoardTableProps) {
  const { comparison } = context.model.data;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useWindowedRows(scroller, lines.length, rowHeight);
  return (
    <div
      ref={scroller}
      class="card scroll board-scroll"
      tabIndex={0}
      role="region"
      aria-label="Leaderboard, scrolls"
      onScroll={rows.onScroll}
    >
      <table class="data-table board" aria-rowcount={lines.length + 1}>
        <caption>
          <span>
            {comparison.rankedBy?.why ?? "Nothing is ranked yet."}{" "}
            {entryCount < context.model.entries.length &&
              `${entryCount} of ${context.model.entries.length} configurations pass the filters.`}
          </span>
        </caption>
        <Head context={context} />
        <tbody>
          {context.baseline && <EntryRow context={context} entry={context.baseline} isPinned />}
          <Spacer height={rows.window.before} />
          {lines.slice(rows.window.begin, rows.window.end).map((line, at) => (
            <Line key={keyOf(line)} context={context} line={line} rowIndex={rows.window.begin + at + 2} />
          ))}
          <Spacer height={rows.window.after} />
        </tbody>
      </table>
    </div>
  );
}

function Spacer({ height }: { readonly height: RowWindow["before"] }) {
  return height > 0 ? <tr aria-hidden="true" class="spacer" style={{ height: `${height}px` }} /> : null;
}

function keyOf(line: BoardLine): string {
  if (line.type === "group") return `group ${line.text}`;
  return line.type === "seed" ? `seed ${line.trial}` : `${line.type} ${line.entry.index}`;
}

interface LineProps {
  readonly context: RowContext;
  readonly line: BoardLine;
  readonly rowIndex: number;
}

function Line({ context, line, rowIndex }: LineProps) {
  switch (line.type) {
    case "entry":
      return <EntryRow context={context} entry={line.entry} rowIndex={rowIndex} />;
    case "actions":
      return <ActionsRow context={context} entry={line.entry} />;
    case "seed":
      return <SeedRow context={context} trial={line.trial} />;
    case "group":
      return (
        <tr class="group-row">
          <th scope="rowgroup" colSpan={columnCount(context)}>
            {line.text} <span class="spread">{line.count} configurations</span>
          </th>
        </tr>
      );
    default:
      return line satisfies never;
  }
}

function Head({ context: { columns, scale, baseline } }: { readonly context: RowContext }) {
  const control = sortControl();
  return (
    <thead>
      <tr>
        <SortHeader name="rank" control={control}>
          Rank
        </SortHeader>
        {columns.parameters.map((dimension) => (
          <DimensionHeader key={dimension.key} dimension={dimension} control={control} />
        ))}
        {scale && <ScaleHeader scale={scale} />}
        {columns.figures.map((dimension) => (
          <DimensionHeader key={dimension.key} dimension={dimension} control={control} />
        ))}
        {baseline && (
          <th scope="col" class="right">
            than the baseline? (Welch, Holm)
          </th>
        )}
        {columns.facts.map((dimension) => (
          <DimensionHeader key={dimension.key} dimension={dimension} control={control} />
        ))}
        <SortHeader name="seeds" control={control} align="right" isBiggestFirst>
          seeds
        </SortHeader>
      </tr>
    </thead>
  );
}

function sortControl(): SortControl {
  const isDescending = boardSort.value.startsWith("-");
  const key = isDescending ? boardSort.value.slice(1) : boardSort.value;
  return {
    sorting: { key, direction: isDescending ? "descending" : "ascending" },
    toggle: (next, firstDirection) => {
      const descends = next === key ? !isDescending : firstDirection === "descending";
      boardSort.value = descends ? `-${next}` : next;
    },
  };
}

interface DimensionHeaderProps {
  readonly dimension: Dimension;
  readonly control: SortControl;
}

function DimensionHeader({ dimension: { key, label, title, kind, better }, control }: DimensionHeaderProps) {
  return (
    <SortHeader
      name={key}
      title={title}
      control={control}
      align={kind === "number" ? "right" : undefined}
      isBiggestFirst={better === "higher"}
    >
      {label}
    </SortHeader>
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
