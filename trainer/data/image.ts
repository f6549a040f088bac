/** An image in memory, pixel values 0…255. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Shape [height, width, channels], row-major; never written to by those who get it. */
  readonly values: Uint8Array | Float32Array;
}

/** A step's result: an image in a buffer that the step overwrites the next time. */
export interface OwnedImage extends Image {
  readonly values: Float32Array;
}

/** A black image. */
export function createImage(height: number, width: number, channels: number): OwnedImage {
  return { height, width, channels, values: new Float32Array(height * width * channels) };
}

/** The image that a step keeps for its results; another one only when the shape changes. */
export function reuseImage(last: OwnedImage | undefined, shape: Omit<Image, "values">): OwnedImage {
  const { height, width, channels } = shape;
  const fits = last?.height === height && last.width === width && last.channels === channels;
  return fits ? last : createImage(height, width, channels);
}
