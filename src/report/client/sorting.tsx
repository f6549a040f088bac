import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** How a table is sorted: by which column and which way. */
export interface Sorting {
  readonly key: string;
  readonly direction: "ascending" | "descending";
}

/** What a row is sorted by; `null` comes last either way. */
export type SortValue = string | number | null;

/** A table's sorting and what its header buttons do. */
export interface SortControl {
  readonly sorting: Sorting;
  readonly toggle: (key: string, firstDirection: Sorting["direction"]) => void;
}

/** A table's sorting, changed by its header buttons. */
export function useSorting(initial: Sorting) {
  const sorting = useSignal(initial);
  const toggle = (key: string, firstDirection: Sorting["direction"]): void => {
    const { key: current, direction } = sorting.value;
    if (current !== key) sorting.value = { key, direction: firstDirection };
    else sorting.value = { key, direction: direction === "ascending" ? "descending" : "ascending" };
  };
  return { sorting, toggle };
}

/** The rows in order. Equal rows keep their order. */
export function sortRows<Row>(rows: readonly Row[], sorting: Sorting, valueOf: (row: Row) => SortValue): Row[] {
  const sign = sorting.direction === "ascending" ? 1 : -1;
  return [...rows].sort((first, second) => {
    const a = valueOf(first);
    const b = valueOf(second);
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * compare(a, b);
  });
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

interface SortHeaderProps {
  /** What `Sorting.key` is when the table is sorted by this column. */
  readonly name: string;
  readonly control: SortControl;
  readonly isBiggestFirst?: boolean;
  readonly align?: "right" | undefined;
  readonly title?: string | undefined;
  readonly children: ComponentChildren;
}

/** A column header that sorts. */
export function SortHeader({ name, control, isBiggestFirst = false, align, title, children }: SortHeaderProps) {
  const { sorting, toggle } = control;
  return (
    <th scope="col" class={align} title={title} aria-sort={sorting.key === name ? sorting.direction : "none"}>
      <button type="button" class="sort" onClick={() => toggle(name, isBiggestFirst ? "descending" : "ascending")}>
        {children}
      </button>
    </th>
  );
}
