import type { KeptImages as KeptImagesPlan, DataPart } from "../../src/plan/kept-images.ts";
import type { BatchRecipe, KeptImages, PartRecipe } from "./batch-recipe.ts";
import type { Image } from "./image.ts";

/** Adds an image. Two threads may do so at once: they write the same. @param position in the part */
export function keepImage({ values, isThere }: KeptImages, position: number, image: Image): void {
  values.set(image.values, position * image.values.length);
  Atomics.store(isThere, position, 1);
}

/** The image at a position of the part, if it is there. @param shape of prepared images */
export function keptImage(
  { values, isThere }: KeptImages,
  position: number,
  [height, width, channels]: BatchRecipe["inputShape"],
): Image | undefined {
  if (Atomics.load(isThere, position) === 0) return undefined;
  const size = height * width * channels;
  return { height, width, channels, values: values.subarray(position * size, (position + 1) * size) };
}

/** What the last trial of this process kept. */
let last: { readonly dataset: object; readonly parts: ReadonlyMap<DataPart, KeptPart> } | undefined;

interface KeptPart {
  /** What was done to the images. */
  readonly preparation: string;
  readonly chosen: Uint32Array;
  readonly images: KeptImages;
}

/**
 * Gives the parts of a recipe memory for their prepared images; what the last trial prepared of the same examples in the same
 * way is taken over.
 * @param dataset which data set it is, by identity
 */
export function withKeptImages(recipe: BatchRecipe, dataset: object, plan: Omit<KeptImagesPlan, "bytes">): BatchRecipe {
  const before = last?.dataset === dataset ? last.parts : new Map<DataPart, KeptPart>();
  const kept = new Map<DataPart, KeptPart>();
  const parts: Partial<Record<DataPart, PartRecipe>> = { ...recipe.parts };
  for (const name of plan.parts) {
    const part = parts[name];
    if (part === undefined) continue;
    const preparation = JSON.stringify([recipe.preparation.preprocess, recipe.inputShape]);
    const known = before.get(name);
    const keepsOn = known?.preparation === preparation && isSame(known.chosen, part.chosen);
    const images = keepsOn ? known.images : createKeptImages(recipe, part, plan);
    kept.set(name, { preparation, chosen: part.chosen, images });
    parts[name] = { ...part, kept: images };
  }
  last = { dataset, parts: kept };
  return { ...recipe, parts };
}

function createKeptImages(
  { inputShape }: BatchRecipe,
  { chosen }: PartRecipe,
  { areBytes }: Pick<KeptImagesPlan, "areBytes">,
): KeptImages {
  const length = chosen.length * inputShape.reduce((product, size) => product * size, 1);
  const values = areBytes
    ? new Uint8Array(new SharedArrayBuffer(length))
    : new Float32Array(new SharedArrayBuffer(4 * length));
  return { values, isThere: new Uint8Array(new SharedArrayBuffer(chosen.length)) };
}

function isSame(one: Uint32Array, other: Uint32Array): boolean {
  return one.length === other.length && one.every((example, position) => example === other[position]);
}
