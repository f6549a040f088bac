import { describeConfiguration } from "../describe-configuration.ts";
import type { ReportData } from "../report-data.ts";
import type { Dimension, DimensionValue } from "./dimensions.ts";
import { customState, textState } from "./view-state.ts";

/** What a dimension must be: within a range, or one of some categories. */
export type Filter =
  | { readonly type: "range"; readonly low: number; readonly high: number }
  | { readonly type: "any"; readonly values: readonly string[] };

/** Filters by the key of their dimension. */
export type Filters = ReadonlyMap<string, Filter>;

/** What is asked of all configurations that any view shows. */
export const filters = customState<Filters>("where", new Map(), { toText: filtersToText, fromText: filtersFromText });

/** Words that a configuration's description or id must hold. */
export const searchText = textState("q");

function filtersToText(value: Filters): string {
  return [...value]
    .map(([key, filter]) =>
      filter.type === "range"
        ? `${encodeURIComponent(key)}:${filter.low}..${filter.high}`
        : `${encodeURIComponent(key)}=${filter.values.map(encodeURIComponent).join("|")}`,
    )
    .join(";");
}

function filtersFromText(text: string): Filters {
  const parsed = new Map<string, Filter>();
  for (const part of text.split(";")) {
    const [, key = "", kind = "", rest = ""] = /^([^:=]+)([:=])(.*)$/.exec(part) ?? [];
    const [low, high] = rest.split("..").map(Number);
    if (kind === "=")
      parsed.set(decodeURIComponent(key), { type: "any", values: rest.split("|").map(decodeURIComponent) });
    else if (low !== undefined && high !== undefined && !Number.isNaN(low) && !Number.isNaN(high))
      parsed.set(decodeURIComponent(key), { type: "range", low, high });
  }
  return parsed;
}

/** Sets or (with undefined) removes the filter of a dimension. */
export function setFilter(key: string, filter: Filter | undefined): void {
  const next = new Map(filters.peek());
  if (filter === undefined) next.delete(key);
  else next.set(key, filter);
  filters.value = next;
}

/** Whether a value passes. */
export function passes(value: DimensionValue, filter: Filter): boolean {
  if (filter.type === "any") return filter.values.includes(value === null ? "–" : String(value));
  return typeof value === "number" && value >= filter.low && value <= filter.high;
}

/** What the text filter searches, in the order of the comparison's configurations. */
export function searchTexts({ comparison: { configurations, columns } }: ReportData): string[] {
  return configurations.map(({ configurationId, values, reasons }) =>
    `${describeConfiguration(values, columns)} ${configurationId} ${reasons.join(" ")}`.toLowerCase(),
  );
}

/**
 * The configurations that pass all filters and hold all words of the text.
 * @param texts of `searchTexts`
 * @returns indices into the comparison's configurations, ascending
 */
export function filterConfigurations(
  dimensions: readonly Dimension[],
  texts: readonly string[],
  wanted: Filters,
  text: string,
): number[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const asked = dimensions.flatMap(({ key, values }) => {
    const filter = wanted.get(key);
    return filter === undefined ? [] : [{ values, filter }];
  });
  const shown: number[] = [];
  texts.forEach((own, index) => {
    if (
      words.every((word) => own.includes(word)) &&
      asked.every(({ values, filter }) => passes(values[index] ?? null, filter))
    )
      shown.push(index);
  });
  return shown;
}
