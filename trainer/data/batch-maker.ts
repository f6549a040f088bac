import type { Augmentation } from "./augment-image.ts";
import { createAugmentation } from "./augment-image.ts";
import type { BatchBuffers, BatchFiller, BatchRecipe, FillRequest, PartRecipe } from "./batch-recipe.ts";
import { createPixelScale } from "./create-pixel-scale.ts";
import type { Image } from "./image.ts";
import { forEachImage } from "./image-source.ts";
import { keepImage, keptImage } from "./kept-images.ts";
import { createPreprocessing, type ImageStep } from "./preprocess-image.ts";
import type { PixelScale } from "./scale-pixels.ts";

/** Makes batches where it is called; a batch is a function of recipe and request alone. */
export class BatchMaker implements BatchFiller {
  private readonly preprocess: ImageStep;
  private readonly augment: Augmentation;
  private scale: Promise<PixelScale> | undefined;
  /** Steps share buffers: one batch at a time. */
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly recipe: BatchRecipe) {
    this.preprocess = createPreprocessing(recipe.preparation.preprocess);
    this.augment = createAugmentation(recipe.preparation.augment);
  }

  prepare(request: FillRequest, buffers: BatchBuffers): Promise<void> {
    const filled = this.last.then(() => this.make(request, buffers));
    this.last = filled.catch(() => undefined);
    return filled;
  }

  close(): Promise<void> {
    return this.last;
  }

  private async make({ part, positions, epoch }: FillRequest, buffers: BatchBuffers): Promise<void> {
    const { storedShape, inputShape, seed } = this.recipe;
    const { examples, chosen, kept } = this.part(part);
    const outside = positions.find((position) => position >= chosen.length);
    if (outside !== undefined) throw new RangeError(`position ${outside} of ${chosen.length} in the ${part} part`);
    this.scale ??= this.createScale();
    const scale = await this.scale;
    const exampleAt = (place: number): number => chosen[positions[place] ?? 0] ?? 0;
    const put = (prepared: Image, place: number): void => {
      const example = exampleAt(place);
      const image = epoch === undefined ? prepared : this.augment(prepared, { seed, epoch, example });
      scale(image, this.targetOf(image, buffers, place));
      buffers.labels[place] = examples.labels[example] ?? 0;
    };
    const missing: number[] = [];
    for (const [place, position] of positions.entries()) {
      const image = kept && keptImage(kept, position, inputShape);
      if (image === undefined) missing.push(place);
      else put(image, place);
    }
    await forEachImage(examples, storedShape, Uint32Array.from(missing, exampleAt), (stored, index) => {
      const place = missing[index] ?? 0;
      const prepared = this.preprocess(stored);
      put(prepared, place);
      if (kept !== undefined) keepImage(kept, positions[place] ?? 0, prepared);
    });
  }

  private part(name: FillRequest["part"]): PartRecipe {
    const part = this.recipe.parts[name];
    if (part === undefined) throw new RangeError(`there is no ${name} part`);
    return part;
  }

  private targetOf({ height, width, channels, values }: Image, buffers: BatchBuffers, place: number): Float32Array {
    const { inputShape } = this.recipe;
    if (height !== inputShape[0] || width !== inputShape[1] || channels !== inputShape[2])
      throw new Error(`a prepared image is ${height}×${width}×${channels}, planned was ${inputShape.join("×")}`);
    return buffers.images.subarray(place * values.length, (place + 1) * values.length);
  }

  private createScale(): Promise<PixelScale> {
    const { preparation, storedShape } = this.recipe;
    return createPixelScale(preparation.scale, storedShape, this.recipe.parts.train);
  }
}
