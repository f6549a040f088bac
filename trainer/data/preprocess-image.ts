import { padToFrame } from "../../src/plan/padded-size.ts";
import type { PreprocessStep } from "../../src/spec/schema/preparation.ts";
import { type Image, type OwnedImage, reuseImage } from "./image.ts";
import { resizeBilinear } from "./resize-bilinear.ts";

/** Does something to an image; the result lies in buffers that the next call overwrites. */
export type ImageStep = (image: Image) => Image;

/** Makes one function of all steps of `data.preprocess`, which reuses its buffers. */
export function createPreprocessing(steps: readonly PreprocessStep[] = []): ImageStep {
  const functions = steps.map(createStep);
  return (image) => functions.reduce((current, step) => step(current), image);
}

function createStep(step: PreprocessStep): ImageStep {
  if ("resize" in step) return createResize(step.resize);
  if ("resizeWithPad" in step) return createResizeWithPad(step.resizeWithPad);
  if ("centerCrop" in step) return createCenterCrop(step.centerCrop);
  return createRepeat(step.repeatChannels);
}

interface Size {
  readonly height: number;
  readonly width: number;
}

function createResize(size: Size): ImageStep {
  let result: OwnedImage | undefined;
  return (image) => {
    result = reuseImage(result, { ...size, channels: image.channels });
    resizeBilinear(image, { image: result, top: 0, left: 0, ...size });
    return result;
  };
}

/** @see tf.image.resize_with_pad; an image so long that nothing would be left of it keeps one pixel */
function createResizeWithPad(size: Size): ImageStep {
  let result: OwnedImage | undefined;
  return (image) => {
    result = reuseImage(result, { ...size, channels: image.channels });
    result.values.fill(0);
    const { inner, offset } = padToFrame([image.height, image.width], [size.height, size.width]);
    const [height, width] = [Math.max(inner[0], 1), Math.max(inner[1], 1)];
    resizeBilinear(image, { image: result, top: offset[0], left: offset[1], height, width });
    return result;
  };
}

/** The rows and columns around the middle; an odd one out is left off at the bottom and right, as in Keras. */
function createCenterCrop(size: Size): ImageStep {
  let result: OwnedImage | undefined;
  return (image) => {
    result = reuseImage(result, { ...size, channels: image.channels });
    const top = Math.floor((image.height - size.height) / 2);
    const left = Math.floor((image.width - size.width) / 2);
    const rowLength = size.width * image.channels;
    for (let row = 0; row < size.height; row++) {
      const start = ((top + row) * image.width + left) * image.channels;
      result.values.set(image.values.subarray(start, start + rowLength), row * rowLength);
    }
    return result;
  };
}

function createRepeat(channels: number): ImageStep {
  let result: OwnedImage | undefined;
  return (image) => {
    result = reuseImage(result, { height: image.height, width: image.width, channels });
    for (let pixel = 0, at = 0; pixel < image.values.length; pixel++) {
      const value = image.values[pixel] ?? 0;
      for (let channel = 0; channel < channels; channel++, at++) result.values[at] = value;
    }
    return result;
  };
}
