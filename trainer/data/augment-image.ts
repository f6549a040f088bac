import { randomPurposes, randomStream } from "../../src/plan/random.ts";
import type { AugmentStep } from "../../src/spec/schema/preparation.ts";
import { createImage, type Image, type OwnedImage, reuseImage } from "./image.ts";
import { Rotation } from "./rotate-image.ts";

/** Which example, in which epoch of which trial, is changed: what the changes are drawn from. */
export interface AugmentedExample {
  readonly seed: number;
  /** From 0. */
  readonly epoch: number;
  /** Index in the training file. */
  readonly example: number;
}

/** Changes an image at random; the result lies in buffers that the next call overwrites. */
export type Augmentation = (image: Image, example: AugmentedExample) => Image;

/** The next number of one step's own sequence, uniform in [0, 1). */
type Draw = () => number;
type RandomStep = (image: Image, draw: Draw) => Image;

/** More than any step draws: with it, no step's numbers depend on the other steps. */
const drawsPerStep = 16;

/**
 * Makes one function of all steps of `data.augment`: a function of its arguments alone, so that a training can go on
 * anywhere, and its batches can be made anywhere.
 */
export function createAugmentation(steps: readonly AugmentStep[] = []): Augmentation {
  const functions = steps.map(createStep);
  return (image, { seed, epoch, example }) => {
    const stream = randomStream(seed, randomPurposes.augmentation, epoch, example);
    return functions.reduce((current, step, index) => {
      let position = index * drawsPerStep;
      return step(current, () => stream.uniformAt(position++));
    }, image);
  };
}

function createStep(step: AugmentStep): RandomStep {
  if ("flip" in step) return createFlip(step.flip);
  if ("shiftCrop" in step) return createShiftCrop(step.shiftCrop.padding);
  if ("rotate" in step) return createRotate(step.rotate.degrees);
  return createCutout(step.cutout.size);
}

function createFlip(direction: "horizontal" | "vertical"): RandomStep {
  const mirror = direction === "horizontal" ? mirrorRows : reverseRows;
  let result: OwnedImage | undefined;
  return (image, draw) => {
    if (draw() >= 0.5) return image;
    result = reuseImage(result, image);
    mirror(image, result.values);
    return result;
  };
}

function mirrorRows({ height, width, channels, values }: Image, into: Float32Array): void {
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = width - 1; column >= 0; column--) {
      const source = (row * width + column) * channels;
      for (let channel = 0; channel < channels; channel++, at++) into[at] = values[source + channel] ?? 0;
    }
  }
}

function reverseRows({ height, width, channels, values }: Image, into: Float32Array): void {
  const rowLength = width * channels;
  for (let row = 0; row < height; row++) {
    const source = (height - 1 - row) * rowLength;
    into.set(values.subarray(source, source + rowLength), row * rowLength);
  }
}

/** Each of the (2·padding + 1)² places is as likely as any other. */
function createShiftCrop(padding: number): RandomStep {
  let result: OwnedImage | undefined;
  return (image, draw) => {
    const down = padding - drawBelow(2 * padding + 1, draw);
    const right = padding - drawBelow(2 * padding + 1, draw);
    result = reuseImage(result, image);
    result.values.fill(0);
    const { height, width, channels, values } = image;
    const columns = width - Math.abs(right);
    for (let row = Math.max(down, 0); row < Math.min(height + down, height); row++) {
      const source = ((row - down) * width + Math.max(-right, 0)) * channels;
      const target = (row * width + Math.max(right, 0)) * channels;
      result.values.set(values.subarray(source, source + columns * channels), target);
    }
    return result;
  };
}

function createRotate(degrees: number): RandomStep {
  const rotation = new Rotation();
  let result: OwnedImage | undefined;
  return (image, draw) => {
    result = reuseImage(result, image);
    rotation.turn(image, (2 * draw() - 1) * degrees, result);
    return result;
  };
}

/** @see "Improved Regularization of Convolutional Neural Networks with Cutout", DeVries & Taylor 2017 */
function createCutout(size: number): RandomStep {
  let result: OwnedImage = createImage(0, 0, 0);
  return (image, draw) => {
    const { height, width, channels } = image;
    const top = drawBelow(height, draw) - Math.floor(size / 2);
    const left = drawBelow(width, draw) - Math.floor(size / 2);
    result = reuseImage(result, image);
    result.values.set(image.values);
    const [from, to] = [Math.max(left, 0), Math.min(left + size, width)];
    for (let row = Math.max(top, 0); row < Math.min(top + size, height); row++)
      result.values.fill(0, (row * width + from) * channels, (row * width + to) * channels);
    return result;
  };
}

/** A whole number 0…bound-1. */
function drawBelow(bound: number, draw: Draw): number {
  return Math.floor(draw() * bound);
}
