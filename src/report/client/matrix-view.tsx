import type { Signal } from "@preact/signals";
import { MatrixCanvas } from "./matrix-canvas.tsx";
import type { MatrixCell } from "./matrix-cells.ts";
import { MatrixTable } from "./matrix-table.tsx";

/** More cells than this are too many elements for a page. */
const maxTableClasses = 60;

/** A matrix to look at. */
export interface MatrixViewProps {
  readonly caption: string;
  readonly classNames: readonly string[];
  readonly cells: readonly (readonly MatrixCell[])[];
  /** Sums of rows and columns, if they mean something. */
  readonly totals: { readonly rows: readonly string[]; readonly columns: readonly string[] } | null;
  /** The cell that a person has chosen, as `row.column`; empty = none. */
  readonly chosen: Signal<string>;
}

/** A class by class heat map: rows = true, columns = predicted. */
export function MatrixView(props: MatrixViewProps) {
  return props.classNames.length > maxTableClasses ? <MatrixCanvas {...props} /> : <MatrixTable {...props} />;
}
