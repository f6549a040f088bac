import { mul, tensor, tidy, type Tensor } from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { randomPurposes, randomStream } from "../../src/plan/random.ts";

/** Tells dropout layers which training step they are in; whoever trains moves it on. */
export interface StepClock {
  /** Optimizer steps done before this one, from 0. */
  step: number;
  /** Set while a step is compiled: takes note of what will be given for each step. @returns the values of this step */
  stepInput?: ((input: StepInput) => Tensor) | undefined;
}

/** Values that a layer needs anew in every step, drawn by a rule of our own. */
export interface StepInput {
  readonly shape: readonly number[];
  /** The values, shape `shape`. @param step optimizer steps done before, from 0 */
  readonly valuesAt: (step: number) => Float32Array;
}

/** The values of the current step. Layers must get whatever differs from step to step here. */
export function stepTensor(clock: StepClock, input: StepInput): Tensor {
  return clock.stepInput?.(input) ?? tensor(input.valuesAt(clock.step), [...input.shape]);
}

/** What the masks (or the noise) of one layer depend on. */
export interface MaskKey {
  readonly seed: number;
  /** Index of the layer in the planned model. */
  readonly layerIndex: number;
  readonly step: number;
}

/**
 * Dropout of values or of whole channels whose mask is a function of (seed, layer, step) alone, so that a resumed
 * trial draws the masks that the uninterrupted one would have drawn. The stock layer either can't be seeded or repeats one mask for ever.
 * It is saved as, and loads as, Keras' `Dropout`.
 */
export class KeyedDropout extends layers.Layer {
  static className = "Dropout";
  private readonly rate: number;
  private readonly drops: "values" | "channels";
  private readonly maskKey: Omit<MaskKey, "step">;
  private readonly clock: StepClock;

  constructor(options: {
    readonly name: string;
    readonly rate: number;
    /** `channels`: whole channels of images, as Keras' `SpatialDropout2D`. */
    readonly drops: "values" | "channels";
    readonly maskKey: Omit<MaskKey, "step">;
    readonly clock: StepClock;
  }) {
    super({ name: options.name });
    this.rate = options.rate;
    this.drops = options.drops;
    this.maskKey = options.maskKey;
    this.clock = options.clock;
  }

  /** Input and output shape: [examples, …]. Without `training` the input goes through unchanged. */
  override call(inputs: Tensor | Tensor[], kwargs: { readonly training?: boolean }): Tensor {
    return tidy(() => {
      const input = Array.isArray(inputs) ? inputs[0] : inputs;
      if (input === undefined) throw new RangeError("dropout needs an input");
      if (kwargs.training !== true || this.rate === 0) return input.clone();
      const { rate, maskKey } = this;
      const shape = this.drops === "channels" ? channelsOf(input.shape) : input.shape;
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      const valuesAt = (step: number): Float32Array => dropoutMask(rate, size, { ...maskKey, step });
      return mul(input, stepTensor(this.clock, { shape, valuesAt }));
    });
  }

  override computeOutputShape(inputShape: (number | null)[]): (number | null)[] {
    return inputShape;
  }

  override getConfig() {
    // TensorFlow.js has no SpatialDropout2D: a noise shape says the same.
    const noiseShape = this.drops === "channels" ? { noiseShape: [null, 1, 1, null] } : {};
    return { ...super.getConfig(), rate: this.rate, ...noiseShape };
  }
}

/** [examples, 1, 1, channels] of images, shape [examples, height, width, channels]. */
function channelsOf([examples = 0, ...image]: readonly number[]): number[] {
  return [examples, 1, 1, image.at(-1) ?? 0];
}

/**
 * What the values of one layer are multiplied with in one step: 0 with probability `rate`, else 1 / (1 - rate), so that
 * the expected value stays.
 * @param rate 0 ≤ rate < 1
 * @param size number of values: examples × features
 */
export function dropoutMask(rate: number, size: number, key: MaskKey): Float32Array {
  const stream = randomStream(key.seed, randomPurposes.dropout, key.layerIndex, key.step);
  const kept = 1 / (1 - rate);
  const mask = new Float32Array(size);
  for (let position = 0; position < size; position++) {
    if (stream.uniformAt(position) >= rate) mask[position] = kept;
  }
  return mask;
}
