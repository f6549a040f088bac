import { alternativesOf, listedValues, marksOf, type Expectation } from "../expectation.ts";
import { joinAnchor } from "./anchor.ts";

/** A field of the language as the documentation shows it. */
export interface DocumentedField {
  readonly key: string;
  readonly anchor: string;
  readonly expected: Expectation;
  readonly isRequired: boolean;
}

/** A map of the language: a section, a layer's parameters, the parameters of one `type`. */
export interface DocumentedMap {
  readonly anchor: string;
  /** Where it stands: `training.optimizer`, `model.layers[]`. */
  readonly path: string;
  /** What tells it from the other maps that may stand there: `type: adam`. */
  readonly choice: string | undefined;
  /** Whether only one of the fields may be given: the entries of a list of layers. */
  readonly isOneOf: boolean;
  /** Values that may stand there instead of a map, by name. */
  readonly names: readonly string[];
  readonly expected: Expectation;
  readonly fields: readonly DocumentedField[];
}

/** The maps of the language, each one once, and where those that are used in several places are shown. */
export interface DocumentedLanguage {
  readonly maps: readonly DocumentedMap[];
  /** Anchor under which the fields of what is allowed somewhere are shown; undefined if it has no fields. */
  anchorOfFields(expected: Expectation): string | undefined;
}

/** Lists the maps of a language from the top, each before those inside it. */
export function documentLanguage(language: Expectation): DocumentedLanguage {
  const walk = new LanguageWalk();
  walk.visit(language, { anchor: "", path: "" });
  return { maps: walk.maps, anchorOfFields: (expected) => walk.anchorOfFields(expected) };
}

interface Where {
  readonly anchor: string;
  readonly path: string;
}

class LanguageWalk {
  readonly maps: DocumentedMap[] = [];
  readonly #anchors = new Map<string, string>();
  readonly #visitedReferences = new Set<string>();

  anchorOfFields(expected: Expectation): string | undefined {
    const own = this.#anchors.get(structureOf(expected));
    if (own !== undefined || mapsOf(expected).length > 0) return own;
    const [first] = innerOf(expected);
    return first && first.inner.$ref !== expected.$ref ? this.anchorOfFields(first.inner) : undefined;
  }

  visit(expected: Expectation, where: Where): void {
    const { $ref } = expected;
    if ($ref !== undefined && this.#visitedReferences.has($ref)) return;
    if ($ref !== undefined) this.#visitedReferences.add($ref);
    for (const { inner, step } of innerOf(expected)) this.visit(inner, { ...where, path: where.path + step });
    const maps = mapsOf(expected);
    if (maps.length === 0 || this.#anchors.has(structureOf(expected))) return;
    this.#anchors.set(structureOf(expected), where.anchor);
    if (isOneKeyEach(maps)) return this.#addChoiceOfKeys(expected, maps, where);
    for (const map of maps) this.#addMap(map, labelOf(map, maps), where, namesIn(expected));
  }

  #addMap(map: Expectation, label: string | undefined, { anchor, path }: Where, names: readonly string[] = []): void {
    const own = label === undefined ? anchor : joinAnchor(anchor, label);
    const fields = fieldsIn(map, own);
    const choice = label === undefined ? undefined : choiceOf(map, label);
    this.maps.push({ anchor: own, path, choice, isOneOf: false, names, expected: map, fields });
    for (const field of fields) this.visit(field.expected, { anchor: field.anchor, path: joinPath(path, field.key) });
  }

  /** Each key is shown with its own map, even if another key's map is the same: people look for the key. */
  #addChoiceOfKeys(expected: Expectation, maps: readonly Expectation[], { anchor, path }: Where): void {
    const fields = maps.flatMap((map) => fieldsIn(map, anchor)).map((field) => ({ ...field, isRequired: false }));
    this.maps.push({ anchor, path, choice: undefined, isOneOf: true, names: namesIn(expected), expected, fields });
    for (const { key, anchor: own, expected: value } of fields) {
      const [map, ...others] = alternativesOf(value);
      const where = { anchor: own, path: joinPath(path, key) };
      if (map?.properties === undefined || others.length > 0) this.visit(value, where);
      else this.#addMap(map, undefined, where);
    }
  }
}

/** What may stand inside a list or under any key of a map. */
function innerOf(expected: Expectation): readonly { readonly inner: Expectation; readonly step: string }[] {
  return alternativesOf(expected).flatMap(({ items, prefixItems = [], additionalProperties }) => {
    const lists = [items, ...prefixItems].flatMap((inner) => (isMap(inner) ? [{ inner, step: "[]" }] : []));
    return isMap(additionalProperties) ? [...lists, { inner: additionalProperties, step: ".<name>" }] : lists;
  });
}

/** The alternatives that are maps with known fields; those whose key starts with `$` can't be written. */
export function mapsOf(expected: Expectation): readonly Expectation[] {
  return alternativesOf(expected).filter(
    ({ properties }) => properties !== undefined && !Object.keys(properties).some((key) => key.startsWith("$")),
  );
}

/** Whether every map has one key of its own, as layers have. */
export function isOneKeyEach(maps: readonly Expectation[]): boolean {
  const keys = maps.flatMap(({ properties = {} }) => Object.keys(properties));
  const isOneEach = maps.every(({ required = [] }) => required.length === 1) && keys.length === maps.length;
  return maps.length > 1 && isOneEach && new Set(keys).size === keys.length;
}

/** A short name for one of several maps: the value of its `type`, else the field that it can't do without. */
export function labelOf(map: Expectation, maps: readonly Expectation[]): string | undefined {
  if (maps.length === 1) return undefined;
  const labels = maps.map(bareLabel);
  const index = maps.indexOf(map);
  const label = labels[index] ?? "";
  return labels.indexOf(label) === index ? label : `${label}-${index + 1}`;
}

function bareLabel(map: Expectation): string {
  const [mark] = marksOf(map);
  if (mark) return String(listedValues(mark.field)[0]);
  return map.required?.[0] ?? Object.keys(map.properties ?? {})[0] ?? "map";
}

function choiceOf(map: Expectation, label: string): string {
  const [mark] = marksOf(map);
  return mark ? `${mark.key}: ${listedValues(mark.field).join(" | ")}` : `with ${label}`;
}

function fieldsIn({ properties = {}, required = [] }: Expectation, anchor: string): readonly DocumentedField[] {
  return Object.entries(properties).flatMap(([key, expected]) =>
    isMap(expected) ? [{ key, anchor: joinAnchor(anchor, key), expected, isRequired: required.includes(key) }] : [],
  );
}

function namesIn(expected: Expectation): readonly string[] {
  return listedValues(expected).filter((value) => typeof value === "string");
}

/** Tells what is allowed apart by structure: what several fields share is the same but for description and default. */
function structureOf(expected: Expectation): string {
  const { $ref, description: _description, default: _default, examples: _examples, ...rest } = expected;
  return $ref ?? JSON.stringify(rest);
}

function joinPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isMap(value: unknown): value is Expectation {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
