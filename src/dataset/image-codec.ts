import type { Sharp } from "sharp";

/** What an image file says about itself. */
export interface ImageFacts {
  readonly height: number;
  readonly width: number;
  readonly isGrey: boolean;
}

/** An image in memory. */
export interface PixelImage {
  readonly height: number;
  readonly width: number;
  /** Grey or colour values 0…255, shape [height, width, channels], row-major. */
  readonly pixels: Uint8Array;
}

/** What reads PNG and JPEG files. The orientation that cameras note is applied, transparency is left out. */
export interface ImageCodec {
  /** @throws Error if it is not an image */
  describe(bytes: Uint8Array): Promise<ImageFacts>;
  /** @param channels 1 = as grey, 3 = as RGB. @throws Error if the image is damaged */
  decode(bytes: Uint8Array, channels: number): Promise<PixelImage>;
}

let codec: Promise<ImageCodec> | undefined;

/** The codec; loaded on first use, because few experiments need it. @throws Error if it is not installed */
export function loadImageCodec(): Promise<ImageCodec> {
  codec ??= createSharpCodec();
  return codec;
}

const greySpaces = new Set(["b-w", "grey16"]);

async function createSharpCodec(): Promise<ImageCodec> {
  const { default: sharp } = await import("sharp");
  sharp.cache(false);
  // The default refuses images for warnings that say nothing about their pixels.
  const open = (bytes: Uint8Array): Sharp => sharp(bytes, { failOn: "error" });
  return {
    async describe(bytes) {
      const { autoOrient, space } = await open(bytes).metadata();
      return { height: autoOrient.height, width: autoOrient.width, isGrey: greySpaces.has(space) };
    },
    async decode(bytes, channels) {
      const { data, info } = await open(bytes)
        .autoOrient()
        .removeAlpha()
        .toColourspace(channels === 1 ? "b-w" : "srgb")
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true });
      if (info.channels !== channels) throw new Error(`it has ${info.channels} channels instead of ${channels}`);
      const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return { height: info.height, width: info.width, pixels };
    },
  };
}
