import type { YamlValue } from "../schema/yaml-value.ts";

/** The entries of a map; none if the value is something else. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isMap(value) ? Object.entries(value) : [];
}

/** The values of a list; none if the value is something else. */
export function listOf(value: unknown): readonly YamlValue[] {
  return isYamlList(value) ? value : [];
}

/** The maps in a list with their indexes. */
export function mapsOf(value: unknown): readonly (readonly [number, Readonly<Record<string, YamlValue>>])[] {
  return [...listOf(value).entries()].flatMap(([index, entry]) => (isYamlMap(entry) ? [[index, entry] as const] : []));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isYamlMap(value: YamlValue): value is { [key: string]: YamlValue } {
  return isMap(value);
}

function isYamlList(value: unknown): value is readonly YamlValue[] {
  return Array.isArray(value);
}
