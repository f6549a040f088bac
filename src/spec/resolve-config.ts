import { alternativesOf, descend, fieldsOf, meantAlternative, placeOfExperiment, type Place } from "./expectation.ts";
import { formatPath, isAtOrBelow, type DocumentPath, type SourcePosition } from "./issue.ts";
import type { Experiment } from "./parse-experiment.ts";
import type { SourceMap } from "./source-map.ts";
import { representativeSample } from "./sweep/read-draws.ts";
import { readSweep } from "./sweep/read-sweep.ts";

/** Where a value comes from: a place in a file or a flag, or the language's default. */
export type ValueOrigin =
  | { readonly type: "written"; readonly position: SourcePosition }
  | { readonly type: "default" };

/** One value of an experiment as it is used. */
export interface ResolvedValue {
  readonly path: DocumentPath;
  /** A scalar, an empty map or a list of scalars. */
  readonly value: unknown;
  readonly origin: ValueOrigin;
  /** Where its values are swept, e.g. `sweep.grid`: what stands here is then not what is trained with. */
  readonly sweptIn?: string;
}

/**
 * Every value of an experiment, written or default, in the order of the language; what has no default and is not
 * written does not appear. Values are as they would be written in the YAML.
 */
export function resolveConfig({ document }: Experiment, source: SourceMap): readonly ResolvedValue[] {
  const { axes } = readSweep(document, representativeSample);
  const sweptIn = (path: DocumentPath): Pick<ResolvedValue, "sweptIn"> => {
    const axis = axes.find((candidate) => isAtOrBelow(path, candidate.path));
    return axis ? { sweptIn: formatPath(axis.keyPlace.slice(0, -1)) } : {};
  };
  const originOf = (path: DocumentPath): ValueOrigin => ({ type: "written", position: source.locate(path) });
  return [...leaves(placeOfExperiment(document), originOf)].map((leaf) => ({ ...leaf, ...sweptIn(leaf.path) }));
}

type OriginOf = (path: DocumentPath) => ValueOrigin;

function* leaves(place: Place, originOf: OriginOf): Generator<ResolvedValue> {
  const { path, value } = place;
  if (Array.isArray(value)) yield* leavesOfList(place, value, originOf);
  else if (typeof value === "object" && value !== null) yield* leavesOfMap(place, value, originOf);
  else yield { path, value, origin: originOf(path) };
}

function* leavesOfList(place: Place, list: readonly unknown[], originOf: OriginOf): Generator<ResolvedValue> {
  const isFlat = list.every((entry) => typeof entry !== "object" || entry === null);
  const isLayers = place.path.at(-1) === "layers";
  if (isFlat && !isLayers) yield { path: place.path, value: list, origin: originOf(place.path) };
  else for (const index of list.keys()) yield* leaves(descend(place, [index]), originOf);
}

/** Known fields in the order of the language, then the keys of maps with any keys. */
function* leavesOfMap(place: Place, map: object, originOf: OriginOf): Generator<ResolvedValue> {
  const written = Object.keys(map);
  const { expected = {} } = place;
  const known = fieldsOf(meantAlternative(expected, map) ?? expected);
  const keys = [...known, ...written.filter((key) => !known.includes(key))];
  if (keys.length === 0) yield { path: place.path, value: {}, origin: originOf(place.path) };
  for (const key of keys) {
    const field = descend(place, [key]);
    if (written.includes(key)) yield* leaves(field, originOf);
    else yield* defaultOf(field);
  }
}

function* defaultOf(place: Place): Generator<ResolvedValue> {
  const { expected = {}, path } = place;
  const value = expected.default ?? alternativesOf(expected).find((one) => one.default !== undefined)?.default;
  if (value === undefined) return;
  yield* leaves({ path, expected, value }, () => ({ type: "default" }));
}
