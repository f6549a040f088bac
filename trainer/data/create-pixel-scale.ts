import type { Data } from "../../src/spec/schema/data.ts";
import type { PartRecipe } from "./batch-recipe.ts";
import { channelStatistics } from "./channel-statistics.ts";
import type { StoredShape } from "./image-source.ts";
import { keepPixels, type PixelScale, scaleToUnit, standardizeBy } from "./scale-pixels.ts";

/**
 * Makes the function that `data.scale` means.
 * @param train the training part, which must be there if pixels are standardised
 * @throws DataError if they can't be
 */
export async function createPixelScale(
  scale: Data["scale"],
  storedShape: StoredShape,
  train: PartRecipe | undefined,
): Promise<PixelScale> {
  switch (scale) {
    case undefined:
    case "unit":
      return scaleToUnit;
    case "none":
      return keepPixels;
    case "standardize":
      if (train === undefined) throw new RangeError("there is no train part");
      return standardizeBy(await channelStatistics(train.examples, storedShape, train.chosen));
    default:
      return scale satisfies never;
  }
}
