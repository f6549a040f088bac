import { signal, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { MatrixViewProps } from "./matrix-cells.ts";

/** Above this many classes numbers no longer fit: cells shrink and the readout tells the figures. */
const maxNumberedClasses = 30;

/**
 * A class by class heat map as a table: rows = true, columns = predicted. The cell under the pointer or the keyboard
 * focus is told in words below; arrow keys move the focus, a click or Enter chooses a cell.
 */
export function MatrixTable({ caption, classNames, cells, totals, chosen }: MatrixViewProps) {
  const current = useMemo(() => signal<string | null>(null), [cells]);
  const isCompact = classNames.length > maxNumberedClasses;
  const describe = (target: EventTarget | null): void => {
    const position = positionOf(target);
    if (position) current.value = cells[position.row]?.[position.column]?.description ?? null;
  };
  const choose = (target: EventTarget | null): void => {
    const position = positionOf(target);
    if (position && cells[position.row]?.[position.column]) chosen.value = `${position.row}.${position.column}`;
  };
  return (
    <div class="card">
      <div class="scroll matrix-scroll">
        <table
          class={isCompact ? "matrix compact" : "matrix"}
          onMouseOver={({ target }) => describe(target)}
          onFocusIn={({ target }) => describe(target)}
          onClick={({ target }) => choose(target)}
          onKeyDown={(event) => {
            if (event.key === "Enter") choose(event.target);
            else moveFocus(event);
          }}
        >
          <caption>{caption}</caption>
          <MatrixHead classNames={classNames} hasTotals={totals !== null} isTurned={isTurned(classNames)} />
          <MatrixBody classNames={classNames} cells={cells} totals={totals} chosen={chosen} />
          {totals && <MatrixFoot totals={totals.columns} />}
        </table>
      </div>
      <Readout text={current} />
    </div>
  );
}

interface MatrixHeadProps {
  readonly classNames: readonly string[];
  readonly hasTotals: boolean;
  readonly isTurned: boolean;
}

function MatrixHead({ classNames, hasTotals, isTurned }: MatrixHeadProps) {
  return (
    <thead>
      <tr>
        <th class="corner" scope="col">
          predicted →<br />
          true ↓
        </th>
        {classNames.map((name, column) => (
          <th key={column} scope="col" title={name} class={isTurned ? "turned" : undefined}>
            <span>{name}</span>
          </th>
        ))}
        {hasTotals && <th scope="col">total</th>}
      </tr>
    </thead>
  );
}

function MatrixBody({ classNames, cells, totals, chosen }: Omit<MatrixViewProps, "caption">) {
  return (
    <tbody>
      {cells.map((row, rowIndex) => (
        <tr key={rowIndex}>
          <th scope="row" title={classNames[rowIndex]}>
            {classNames[rowIndex]}
          </th>
          {row.map((cell, column) => (
            <td
              key={column}
              class={`${cell.tone}${cell.isSignificant ? " significant" : ""}${chosen.value === `${rowIndex}.${column}` ? " chosen" : ""}`}
              style={cell.tone === "zero" ? undefined : { "--level": cell.level.toFixed(3) }}
              tabIndex={rowIndex === 0 && column === 0 ? 0 : -1}
            >
              {cell.text}
            </td>
          ))}
          {totals && <td class="total">{totals.rows[rowIndex]}</td>}
        </tr>
      ))}
    </tbody>
  );
}

function MatrixFoot({ totals }: { readonly totals: readonly string[] }) {
  return (
    <tfoot>
      <tr>
        <th scope="row">total</th>
        {totals.map((total, column) => (
          <td key={column} class="total">
            {total}
          </td>
        ))}
      </tr>
    </tfoot>
  );
}

function isTurned(classNames: readonly string[]): boolean {
  return classNames.length > maxNumberedClasses || classNames.some((name) => name.length > 6);
}

function Readout({ text }: { readonly text: Signal<string | null> }) {
  return (
    <p class={text.value === null ? "readout idle" : "readout"} aria-live="polite">
      {text.value ?? "Point at a cell, or move through them with the arrow keys; a click or Enter shows its examples."}
    </p>
  );
}

function positionOf(target: EventTarget | null): { row: number; column: number } | null {
  const cell = target instanceof Element ? target.closest("tbody td") : null;
  const row = cell?.parentElement;
  if (!(cell instanceof HTMLTableCellElement) || !(row instanceof HTMLTableRowElement)) return null;
  return { row: row.sectionRowIndex, column: cell.cellIndex - 1 };
}

const moves: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function moveFocus(event: KeyboardEvent): void {
  const move = moves[event.key];
  const cell = event.target;
  if (!move || !(cell instanceof HTMLTableCellElement)) return;
  event.preventDefault();
  const body = cell.closest("tbody");
  const position = positionOf(cell);
  if (!body || !position) return;
  const next = body.rows[position.row + move[0]]?.cells[position.column + 1 + move[1]];
  if (!next || next.tagName !== "TD" || next.classList.contains("total")) return;
  // One cell at a time is in the tab order.
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
