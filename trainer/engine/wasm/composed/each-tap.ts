import type { WindowGeometry } from "../window-geometry.ts";

/**
 * Calls back for every input pixel that lies in a window, windows in reading order and pixels in reading order in each.
 * @param visit gets the numbers of the input and output pixel, counted over all images, and the place in the window,
 * row-major
 */
export function eachTap(
  geometry: WindowGeometry,
  visit: (inputPixel: number, outputPixel: number, tap: number) => void,
): void {
  const { batchSize, inHeight, inWidth, outHeight, outWidth } = geometry;
  const { windowHeight, windowWidth, strideHeight, strideWidth, padTop, padLeft } = geometry;
  let outputPixel = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++, outputPixel++) {
        for (let tapRow = 0; tapRow < windowHeight; tapRow++) {
          const y = row * strideHeight - padTop + tapRow;
          if (y < 0 || y >= inHeight) continue;
          for (let tapColumn = 0; tapColumn < windowWidth; tapColumn++) {
            const x = column * strideWidth - padLeft + tapColumn;
            if (x < 0 || x >= inWidth) continue;
            visit((image * inHeight + y) * inWidth + x, outputPixel, tapRow * windowWidth + tapColumn);
          }
        }
      }
    }
  }
}
