import {
  alternativesOf,
  descend,
  fieldsOf,
  layerExpectations,
  listedValues,
  meantAlternative,
  placeOfExperiment,
  type Place,
} from "./expectation.ts";
import { shorten } from "./describe-expectation.ts";
import { formatPath, type DocumentPath, type ExperimentIssue } from "./issue.ts";
import { nearestName, sameWord } from "./nearest-name.ts";
import { readAtPath } from "./sweep-path.ts";

/** The issue of a key that the language does not have at its place. */
export interface UnknownKeyIssue extends ExperimentIssue {
  /** The field that was probably meant, if it is not given as well. */
  readonly meantPath?: DocumentPath;
}

/** Explains a key that is unknown in the map at a place. */
export function explainUnknownKey(map: Place, key: string): UnknownKeyIssue {
  const { expected = {} } = map;
  const fields = fieldsOf(meantAlternative(expected, map.value) ?? expected);
  const path = [...map.path, key];
  const allowed = fields.length > 0 ? `expected one of ${fields.join(", ")}` : "expected no keys here";
  const issue = { code: "unknown-key", path, message: `unknown key ${JSON.stringify(shorten(key))}, ${allowed}` };
  const near = nearestName(key, fields);
  if (near !== undefined && readAtPath(map.value, [near]) === undefined)
    return { ...issue, fix: `did you mean \`${near}\`?`, meantPath: [...map.path, near] };
  const [glued = ""] = key.split(":", 1);
  if (glued !== key && fields.includes(glued)) {
    const text = shorten(`${glued}: ${key.slice(glued.length + 1)}`);
    return { ...issue, fix: `put a space after the colon: \`${text}\``, meantPath: [...map.path, glued] };
  }
  const fix = belongsToSibling(map, key) ?? belongsElsewhere(map, key);
  if (fix !== undefined) return { ...issue, fix };
  if (near !== undefined) return { ...issue, fix: `remove it; \`${near}\` is already given` };
  return { ...issue, fix: fields.length > 0 ? "remove it, or use one of these keys" : "remove it" };
}

/** `beta1` with `type: sgd`: another alternative of the same map has the key. */
function belongsToSibling({ expected = {} }: Place, key: string): string | undefined {
  const sibling = alternativesOf(expected).find(({ properties = {} }) => Object.hasOwn(properties, key));
  const type = sibling?.properties?.["type"];
  const [name] = typeof type === "object" ? listedValues(type) : [];
  return typeof name === "string" ? `\`${key}\` goes with \`type: ${name}\`; remove it or change the type` : undefined;
}

function belongsElsewhere(map: Place, key: string): string | undefined {
  const layerType = nearestName(key, layerExpectations().keys());
  if (layerType !== undefined && map.path.length <= 1)
    return `layers stand in \`model.layers\`, as \`- ${layerType}: …\``;
  const [home, ...others] = homesOf(key);
  if (home === undefined) return undefined;
  const places = [home, ...others].slice(0, 3).map(({ path }) => `\`${formatPath(path)}\``);
  return `it belongs in ${places.join(" or ")}${home.field === key ? "" : `, as \`${home.field}\``}`;
}

/** A field of a map outside lists. */
interface Home {
  /** Path of the map. */
  readonly path: DocumentPath;
  readonly field: string;
}

let allHomes: readonly Home[] | undefined;

/** The places (outside lists) of a field that is called so, whatever its case, separators or framework. */
export function homesOf(key: string): readonly Home[] {
  allHomes ??= homesBelow(placeOfExperiment({}));
  const field = sameWord(
    key,
    allHomes.map((home) => home.field),
  );
  return allHomes.filter((home) => home.field === field);
}

function homesBelow(place: Place): readonly Home[] {
  return fieldsOf(place.expected ?? {}).flatMap((field) => [
    { path: place.path, field },
    ...homesBelow(descend(place, [field])),
  ]);
}
