import { type DocumentPath, type ExperimentIssue, formatPath } from "../spec/issue.ts";
import type { Layer, LayerEntry, Model } from "../spec/schema/layer.ts";

/** A layer of an architecture whose groups have been written out. */
export interface UnfoldedLayer {
  /** Unique in the model: the given name, or its type and number as `conv2d_1`. */
  readonly name: string;
  /** What people are told: `layer 18 (maxPooling2d_5, pool 5, repetition 5 of 5)`. */
  readonly label: string;
  readonly layer: Layer;
  /** The entry of `model.layers` or of a block that it comes from. */
  readonly path: DocumentPath;
  /** Indexes of the layers that it computes on; -1 is the model's input. */
  readonly inputs: readonly number[];
  /** Where branches meet: index of the layer that they all start from, -1 = the model's input. */
  readonly branchInput?: number;
}

/** More layers than any architecture of this kind has; keeps nested repeats from filling the memory. */
const maxLayerCount = 1000;

/** Where an entry stands besides its path. */
interface Place {
  readonly path: DocumentPath;
  readonly repetition?: { readonly number: number; readonly times: number };
  /** The used block that it belongs to: `block vgg in model.layers[0]`. */
  readonly use?: string;
}

type Occurrence = Place & Pick<UnfoldedLayer, "layer" | "inputs" | "branchInput">;

/**
 * Writes groups out and gives every layer a unique name. An unnamed layer is called after its type and its number among
 * all layers of that type, so writing a repeat or a block out by hand changes no name.
 * @returns the layers from input to output, each after those that it computes on, and what is wrong with their number
 *   and names
 */
export function unfoldLayers(model: Model): {
  readonly layers: readonly UnfoldedLayer[];
  readonly issues: readonly ExperimentIssue[];
} {
  const unfolder = new Unfolder();
  unfolder.addAll(model.layers, { path: ["model", "layers"] }, -1);
  if (unfolder.occurrences.length > maxLayerCount) return { layers: [], issues: [tooManyLayers()] };
  const layers = nameLayers(unfolder.occurrences);
  return { layers, issues: findDuplicateNames(layers) };
}

/** Collects layers. Every method takes the index of the layer that it goes on from and returns that of its own output. */
class Unfolder {
  readonly occurrences: Occurrence[] = [];

  addAll(entries: readonly LayerEntry[], place: Place, input: number): number {
    let output = input;
    for (const [index, entry] of entries.entries())
      output = this.#add(entry, { ...place, path: [...place.path, index] }, output);
    return output;
  }

  #add(entry: LayerEntry, place: Place, input: number): number {
    if (this.occurrences.length > maxLayerCount) return input;
    switch (entry.type) {
      case "repeat":
        return this.#addRepeat(entry, place, input);
      case "block": {
        const use = `block ${entry.name} ${place.use === undefined ? `in ${formatPath(place.path)}` : `of ${place.use}`}`;
        return this.addAll(entry.layers, { ...place, path: ["model", "blocks", entry.name, "layers"], use }, input);
      }
      case "residual":
        return this.#addResidual(entry, place, input);
      case "concat": {
        const path = [...place.path, "concat", "branches"];
        const outputs = entry.branches.map((branch, index) =>
          this.addAll(branch, { ...place, path: [...path, index] }, input),
        );
        return this.#push({ ...place, layer: { type: "concatenate" }, inputs: outputs, branchInput: input });
      }
      default:
        return this.#push({ ...place, layer: entry, inputs: [input] });
    }
  }

  #addRepeat({ times, layers }: Extract<LayerEntry, { type: "repeat" }>, place: Place, input: number): number {
    const path = [...place.path, "repeat", "layers"];
    let output = input;
    for (let number = 1; number <= times && this.occurrences.length <= maxLayerCount; number++)
      output = this.addAll(layers, { ...place, path, repetition: { number, times } }, output);
    return output;
  }

  #addResidual(entry: Extract<LayerEntry, { type: "residual" }>, place: Place, input: number): number {
    const { layers, shortcut = [], activation } = entry;
    const below = (key: string): Place => ({ ...place, path: [...place.path, "residual", key] });
    const inputs = [this.addAll(layers, below("layers"), input), this.addAll(shortcut, below("shortcut"), input)];
    const sum = this.#push({ ...place, layer: { type: "add" }, inputs, branchInput: input });
    if (activation === undefined) return sum;
    return this.#push({ ...place, layer: { type: "activation", activation }, inputs: [sum] });
  }

  #push(occurrence: Occurrence): number {
    return this.occurrences.push(occurrence) - 1;
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
    const { layer, path, repetition, use, inputs, branchInput } = occurrence;
    const typeNumber = count(layer.type);
    const name = layer.name ?? `${layer.type}_${typeNumber}`;
    const facts = [layer.name === undefined ? name : `"${name}", ${layer.type}`];
    if (isPool(layer)) facts.push(`pool ${count("pool")}`);
    if (repetition) facts.push(`repetition ${repetition.number} of ${repetition.times}`);
    if (use !== undefined) facts.push(use);
    const label = `layer ${index + 1} (${facts.join(", ")})`;
    return { name, label, layer, path, inputs, ...(branchInput !== undefined && { branchInput }) };
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
    message: `the architecture has more than ${maxLayerCount} layers once its groups are written out`,
    fix: "repeat less often",
  };
}
