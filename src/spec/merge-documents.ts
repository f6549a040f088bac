import type { YamlValue } from "./schema/yaml-value.ts";
import type { YamlContent } from "./read-yaml.ts";

/**
 * What a document makes of its base: maps are merged at every depth, everything else is replaced, and `null` removes
 * what the base has under that key. Each value keeps the place where it is written.
 */
export function mergeDocuments(base: YamlContent, derived: YamlContent): YamlContent {
  if (!isYamlMap(base.value) || !isYamlMap(derived.value)) return derived;
  const value = { ...base.value };
  const children = new Map(base.root.children);
  for (const [key, own] of Object.entries(derived.value)) {
    const ownEntry = derived.root.children.get(key);
    const baseEntry = base.root.children.get(key);
    const isInherited = Object.hasOwn(value, key);
    if (own === null && isInherited) {
      delete value[key];
      children.delete(key);
      continue;
    }
    if (ownEntry === undefined) continue;
    const ownPart = { value: own, root: ownEntry };
    const merged = baseEntry ? mergeDocuments({ value: value[key] ?? null, root: baseEntry }, ownPart) : ownPart;
    value[key] = merged.value;
    children.set(key, merged.root);
  }
  return { value, root: { ...derived.root, children } };
}

/** A document without one of its top-level keys. */
export function withoutKey({ value, root }: YamlContent, key: string): YamlContent {
  if (!isYamlMap(value)) return { value, root };
  const { [key]: _, ...rest } = value;
  return { value: rest, root: { ...root, children: new Map([...root.children].filter(([name]) => name !== key)) } };
}

/** Whether a value is a map. */
export function isYamlMap(value: YamlValue): value is { [key: string]: YamlValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
