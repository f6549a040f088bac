import { useMemo } from "preact/hooks";
import type { Json } from "../pack-columns.ts";
import { EntrySelect } from "./entry-select.tsx";
import { duelA, duelB } from "./matrix-state.ts";
import type { Entry, Model } from "./model.ts";
import { subjectEntry } from "./subjects.ts";
import { Flag } from "./choice.tsx";
import { flagState } from "./view-state.ts";

const showsAll = flagState("same");

/** Two configurations field by field. */
export function SettingsSection({ model }: { readonly model: Model }) {
  const a = subjectEntry(model, duelA.value, 0);
  const b = subjectEntry(model, duelB.value, 1);
  if (!a || !b) return null;
  return (
    <>
      <div class="controls">
        <EntrySelect model={model} label="A" entry={a} onChange={(id) => (duelA.value = id)} />
        <EntrySelect model={model} label="B" entry={b} onChange={(id) => (duelB.value = id)} />
        <Flag label="Also what is the same" state={showsAll} />
      </div>
      <SettingsTable model={model} a={a} b={b} />
    </>
  );
}

interface SettingsTableProps {
  readonly model: Model;
  readonly a: Entry;
  readonly b: Entry;
}

function SettingsTable({ model, a, b }: SettingsTableProps) {
  const rows = useMemo(() => compareSettings(fieldsOf(model, a), fieldsOf(model, b)), [model, a, b]);
  const different = rows.filter(({ isDifferent }) => isDifferent);
  return (
    <div class="card scroll tall" tabIndex={0} role="region" aria-label="Fields of two configurations">
      <table class="data-table">
        <caption>
          <span>
            {different.length === 0
              ? "The two are the same in every field."
              : `${different.length} of ${rows.length} fields differ.`}
          </span>
        </caption>
        <thead>
          <tr>
            <th scope="col">field</th>
            <th scope="col">A: {a.label}</th>
            <th scope="col">B: {b.label}</th>
          </tr>
        </thead>
        <tbody>
          {(showsAll.value ? rows : different).map(({ path, a, b, isDifferent }) => (
            <tr key={path} class={isDifferent ? "different" : undefined}>
              <th scope="row" class="wrap">
                {path}
              </th>
              <td class="wrap">{a ?? "–"}</td>
              <td class="wrap">{b ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface SettingsRow {
  readonly path: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
  readonly isDifferent: boolean;
}

function compareSettings(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): SettingsRow[] {
  return [...new Set([...a.keys(), ...b.keys()])].map((path) => ({
    path,
    a: a.get(path),
    b: b.get(path),
    isDifferent: a.get(path) !== b.get(path),
  }));
}

function fieldsOf({ data: { settings } }: Model, { index }: Entry): ReadonlyMap<string, string> {
  const own = settings.configurations[index];
  const fields = new Map<string, string>();
  if (!own) return fields;
  for (const section of ["data", "model", "training", "evaluation"] as const)
    collectFields(settings[section][own[section]] ?? null, section, fields);
  return fields;
}

/** Every leaf by its path. */
function collectFields(value: Json, path: string, fields: Map<string, string>): void {
  if (typeof value !== "object" || value === null) fields.set(path, String(value));
  else if (isList(value) && value.every((item) => typeof item !== "object")) fields.set(path, value.join(", "));
  else for (const [key, child] of Object.entries(value)) collectFields(child, `${path}.${key}`, fields);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
