import type { Dimension, DimensionValue } from "./dimensions.ts";
import { dimensionOf, type Entry, type Model } from "./model.ts";
import { shortId } from "./picks.ts";

/** A line of the leaderboard. */
export type BoardLine =
  | { readonly type: "group"; readonly text: string; readonly count: number }
  | { readonly type: "entry"; readonly entry: Entry }
  | { readonly type: "actions"; readonly entry: Entry }
  | { readonly type: "seed"; readonly trial: number };

/** How the leaderboard is arranged. */
export interface Arrangement {
  /** Key of a dimension; empty = no groups. */
  readonly group: string;
  /** Beginnings of ids. */
  readonly unfolded: readonly string[];
}

/** The configurations that pass the filters, in order. */
export function sortedEntries(model: Model, shown: readonly number[], sort: string): Entry[] {
  const entries = shown.flatMap((index) => model.entries[index] ?? []);
  const isDescending = sort.startsWith("-");
  const valueOf = sortReader(model, isDescending ? sort.slice(1) : sort);
  const sign = isDescending ? -1 : 1;
  return entries
    .map((entry) => ({ entry, value: valueOf(entry) }))
    .sort((a, b) => compareValues(a.value, b.value, sign) || a.entry.index - b.entry.index)
    .map(({ entry }) => entry);
}

function sortReader(model: Model, key: string): (entry: Entry) => DimensionValue {
  if (key === "rank") return ({ row, index }) => (row.rank === undefined ? null : index);
  if (key === "seeds") return ({ row }) => row.seeds.finished;
  const values = dimensionOf(model, key)?.values ?? [];
  return ({ index }) => values[index] ?? null;
}

const collator = new Intl.Collator("en", { numeric: true });

/** Nothing comes last either way. */
function compareValues(a: DimensionValue, b: DimensionValue, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b) || 0;
  return sign * collator.compare(String(a), String(b));
}

/** The lines of the leaderboard, top down. @param entries sorted */
export function boardLines(model: Model, entries: readonly Entry[], { group, unfolded }: Arrangement): BoardLine[] {
  const open = new Set(unfolded);
  const dimension = dimensionOf(model, group);
  if (!dimension) return entries.flatMap((entry) => entryLines(entry, open));
  return [...groupEntries(entries, dimension)].flatMap(([text, members]): BoardLine[] => [
    { type: "group", text: `${dimension.label}: ${text}`, count: members.length },
    ...members.flatMap((entry) => entryLines(entry, open)),
  ]);
}

/** Groups in the order in which their first configuration comes: the best first, if the best configuration is. */
function groupEntries(entries: readonly Entry[], { values, format }: Dimension): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const text = format(values[entry.index] ?? null);
    const members = groups.get(text);
    if (members) members.push(entry);
    else groups.set(text, [entry]);
  }
  return groups;
}

function entryLines(entry: Entry, open: ReadonlySet<string>): BoardLine[] {
  const line: BoardLine = { type: "entry", entry };
  if (!open.has(shortId(entry))) return [line];
  return [line, { type: "actions", entry }, ...entry.trials.map((trial): BoardLine => ({ type: "seed", trial }))];
}

/** Of some dimensions, those in which the entries are not all alike. */
export function differingDimensions(dimensions: readonly Dimension[], entries: readonly Entry[]): Dimension[] {
  const [first, ...others] = entries;
  if (!first || others.length === 0) return [...dimensions];
  return dimensions.filter(({ values }) => others.some(({ index }) => values[index] !== values[first.index]));
}
