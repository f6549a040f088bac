import { signal } from "@preact/signals";
import { entryOfId, type Entry, type Model } from "./model.ts";
import { listState, textState } from "./view-state.ts";

/** Enough of an id to tell configurations apart in an address. */
const idLength = 8;

/** Beginnings of the ids of configurations that a person has picked: all views show them in colour. */
export const picks = listState("pick");

/** Beginning of the id of the configuration that others are compared with. */
export const baselineId = textState("base");

/** Index of the configuration under the pointer; null = none. */
export const hovered = signal<number | null>(null);

/** The text of a configuration in an address. */
export function shortId({ row }: Entry): string {
  return row.configurationId.slice(0, idLength);
}

/** Whether a configuration is picked. */
export function isPicked(entry: Entry): boolean {
  return picks.value.includes(shortId(entry));
}

/** Picks a configuration, or lets it go. */
export function togglePick(entry: Entry): void {
  const id = shortId(entry);
  const without = picks.peek().filter((other) => other !== id);
  picks.value = without.length < picks.peek().length ? without : [...without, id];
}

/** The picked configurations in the order they were picked in. */
export function pickedEntries(model: Model): Entry[] {
  return picks.value.flatMap((id) => entryOfId(model, id) ?? []);
}

/** Colours run out after this many; then they are used again. */
const colourCount = 8;
const defaultCount = 6;

/** Configurations to draw in colour: the picked ones, or else the best of those that pass the filters. */
export function colouredEntries(model: Model): Entry[] {
  const picked = pickedEntries(model);
  if (picked.length > 0) return picked;
  return model.shown.value.slice(0, defaultCount).flatMap((index) => model.entries[index] ?? []);
}

/** Number of the colour of each coloured configuration, by its index. */
export function colourNumbers(entries: readonly Entry[]): ReadonlyMap<number, number> {
  return new Map(entries.map(({ index }, place) => [index, place % colourCount]));
}
