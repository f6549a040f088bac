import { categoriesOf, type Dimension } from "./dimensions.ts";
import { filters, searchText, setFilter, type Filter } from "./filters.ts";
import type { Model } from "./model.ts";
import { picks } from "./picks.ts";

/** More categories than this are searched for, not ticked. */
const maxCategories = 30;

/** A range or a choice for every dimension: what brushes in charts do, for the keyboard. */
export function FilterPanel({ model }: { readonly model: Model }) {
  return (
    <details class="filter-panel">
      <summary>Filters {filters.value.size > 0 && `(${filters.value.size})`}</summary>
      <div class="filters">
        {model.dimensions.map((dimension) =>
          dimension.kind === "number" ? (
            <RangeFilter key={dimension.key} dimension={dimension} />
          ) : (
            <CategoryFilter key={dimension.key} dimension={dimension} />
          ),
        )}
      </div>
    </details>
  );
}

function RangeFilter({ dimension: { key, label, title, extent = [0, 1], format } }: { readonly dimension: Dimension }) {
  const filter = filters.value.get(key);
  const range = filter?.type === "range" ? filter : undefined;
  const change = (low: number, high: number): void => {
    const isOpen = low === -Infinity && high === Infinity;
    setFilter(key, isOpen ? undefined : { type: "range", low, high });
  };
  const read = (text: string, otherwise: number): number => (text.trim() === "" ? otherwise : Number(text));
  return (
    <fieldset class="choice" title={title}>
      <legend>
        {label} ({format(extent[0])} … {format(extent[1])})
      </legend>
      <div class="range">
        <input
          type="number"
          step="any"
          aria-label={`${label} from`}
          value={finite(range?.low)}
          onChange={({ currentTarget }) => change(read(currentTarget.value, -Infinity), range?.high ?? Infinity)}
        />
        –
        <input
          type="number"
          step="any"
          aria-label={`${label} to`}
          value={finite(range?.high)}
          onChange={({ currentTarget }) => change(range?.low ?? -Infinity, read(currentTarget.value, Infinity))}
        />
      </div>
    </fieldset>
  );
}

function finite(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "" : String(Number(value.toPrecision(6)));
}

function CategoryFilter({ dimension }: { readonly dimension: Dimension }) {
  const { key, label } = dimension;
  const categories = categoriesOf(dimension);
  if (categories.length > maxCategories) return null;
  const filter = filters.value.get(key);
  const chosen = filter?.type === "any" ? filter.values : categories;
  const toggle = (category: string): void => {
    const next = categories.filter((other) => chosen.includes(other) !== (other === category));
    setFilter(key, next.length === categories.length ? undefined : { type: "any", values: next });
  };
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div class="ticks">
        {categories.map((category) => (
          <label key={category} class="tick">
            <input type="checkbox" checked={chosen.includes(category)} onChange={() => toggle(category)} />
            {category}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** What is filtered and picked at the moment, in sight of all views; nothing if nothing is. */
export function FilterBar({ model }: { readonly model: Model }) {
  const active = model.dimensions.flatMap((dimension) => {
    const filter = filters.value.get(dimension.key);
    return filter === undefined ? [] : [{ dimension, filter }];
  });
  const picked = picks.value.length;
  if (active.length === 0 && picked === 0 && searchText.value === "") return null;
  return (
    <div class="filter-bar" role="status">
      <span>
        {model.shown.value.length} of {model.entries.length} configurations pass
      </span>
      {searchText.value !== "" && <Chip text={`“${searchText.value}”`} onRemove={() => (searchText.value = "")} />}
      {active.map(({ dimension, filter }) => (
        <Chip
          key={dimension.key}
          text={describeFilter(dimension, filter)}
          onRemove={() => setFilter(dimension.key, undefined)}
        />
      ))}
      {picked > 0 && <Chip text={`${picked} picked`} onRemove={() => (picks.value = [])} />}
    </div>
  );
}

function Chip({ text, onRemove }: { readonly text: string; readonly onRemove: () => void }) {
  return (
    <button type="button" class="chip" onClick={onRemove} aria-label={`remove: ${text}`}>
      {text} ✕
    </button>
  );
}

function describeFilter({ label, format }: Dimension, filter: Filter): string {
  if (filter.type === "any") return `${label}: ${filter.values.join(", ") || "none"}`;
  const low = Number.isFinite(filter.low) ? format(filter.low) : "…";
  const high = Number.isFinite(filter.high) ? format(filter.high) : "…";
  return `${label}: ${low} to ${high}`;
}
