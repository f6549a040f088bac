import type { DocumentPath, ExperimentIssue } from "../spec/issue.ts";
import type { Layer, LayerEntry, Model } from "../spec/schema/layer.ts";

/** A layer of an architecture whose repeated groups have been written out. */
export interface UnfoldedLayer {
  /** Unique in the model: the given name, or its type and number as `conv2d_1`. */
  readonly name: string;
  /** What people are told: `layer 18 (maxPooling2d_5, pool 5, repetition 5 of 5)`. */
  readonly label: string;
  readonly layer: Layer;
  /** The entry of `model.layers` that it comes from. */
  readonly path: DocumentPath;
}

/** More layers than any architecture of this kind has; keeps nested repeats from filling the memory. */
const maxLayerCount = 1000;

interface Occurrence {
  readonly layer: Layer;
  readonly path: DocumentPath;
  readonly repetition?: { readonly number: number; readonly times: number };
}

/**
 * Writes repeated groups out and gives every layer a unique name. An unnamed layer is called after its type and its
 * number among all layers of that type, so writing a repeat out by hand changes no name.
 * @returns the layers from input to output, and what is wrong with their number and names
 */
export function unfoldLayers(model: Model): {
  readonly layers: readonly UnfoldedLayer[];
  readonly issues: readonly ExperimentIssue[];
} {
  const occurrences: Occurrence[] = [];
  for (const occurrence of walk(model.layers, ["model", "layers"])) {
    if (occurrences.length === maxLayerCount) return { layers: [], issues: [tooManyLayers()] };
    occurrences.push(occurrence);
  }
  const layers = nameLayers(occurrences);
  return { layers, issues: findDuplicateNames(layers) };
}

function* walk(
  entries: readonly LayerEntry[],
  path: DocumentPath,
  repetition?: Occurrence["repetition"],
): Generator<Occurrence> {
  for (const [index, entry] of entries.entries()) {
    const entryPath = [...path, index];
    if (entry.type !== "repeat") {
      yield { layer: entry, path: entryPath, ...(repetition && { repetition }) };
      continue;
    }
    for (let number = 1; number <= entry.times; number++)
      yield* walk(entry.layers, [...entryPath, "repeat", "layers"], { number, times: entry.times });
  }
}

function nameLayers(occurrences: readonly Occurrence[]): readonly UnfoldedLayer[] {
  const countByType = new Map<string, number>();
  const count = (type: string) => {
    const number = (countByType.get(type) ?? 0) + 1;
    countByType.set(type, number);
    return number;
  };
  return occurrences.map((occurrence, index) => {
    const { layer, path, repetition } = occurrence;
    const typeNumber = count(layer.type);
    const name = layer.name ?? `${layer.type}_${typeNumber}`;
    const facts = [layer.name === undefined ? name : `"${name}", ${layer.type}`];
    if (isPool(layer)) facts.push(`pool ${count("pool")}`);
    if (repetition) facts.push(`repetition ${repetition.number} of ${repetition.times}`);
    return { name, label: `layer ${index + 1} (${facts.join(", ")})`, layer, path };
  });
}

function isPool(layer: Layer): boolean {
  return layer.type === "maxPooling2d" || layer.type === "averagePooling2d";
}

function findDuplicateNames(layers: readonly UnfoldedLayer[]): readonly ExperimentIssue[] {
  const issues: ExperimentIssue[] = [];
  const firstByName = new Map<string, UnfoldedLayer>();
  const reported = new Set<string>();
  for (const layer of layers) {
    const first = firstByName.get(layer.name);
    if (!first) firstByName.set(layer.name, layer);
    else if (!reported.has(layer.name)) {
      reported.add(layer.name);
      issues.push(duplicateName(first, layer));
    }
  }
  return issues;
}

function duplicateName(first: UnfoldedLayer, second: UnfoldedLayer): ExperimentIssue {
  // At least one of the two was named by the person: that name can be changed.
  const [named, other] = second.layer.name === undefined ? [first, second] : [second, first];
  const path = [...named.path, named.layer.type, "name"];
  const isSameEntry = first.path.join() === second.path.join();
  return {
    code: "duplicate-name",
    path,
    message: isSameEntry
      ? `the repeat gives the name "${named.name}" to more than one layer; names must be unique in the model`
      : `the name "${named.name}" is already that of ${other.label}; names must be unique in the model`,
    fix: isSameEntry
      ? `remove the name: unnamed layers are numbered, as ${named.layer.type}_1`
      : "choose another name, or remove it: unnamed layers are numbered",
  };
}

function tooManyLayers(): ExperimentIssue {
  return {
    code: "too-many-layers",
    path: ["model", "layers"],
    message: `the architecture has more than ${maxLayerCount} layers once its repeats are written out`,
    fix: "repeat less often",
  };
}
