import { add, tidy, type Tensor } from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { randomPurposes, randomStream } from "../../src/plan/random.ts";
import { stepTensor, type MaskKey, type StepClock } from "./dropout-layer.ts";
import { openUniform } from "./initial-weights.ts";
import { inverseNormal } from "../../src/spec/sweep/inverse-normal.ts";

/**
 * Adds normal noise while training; like a dropout's mask it is a function of (seed, layer, step) alone. The stock
 * layer can't be seeded. It is saved as, and loads as, Keras' `GaussianNoise`.
 */
export class KeyedGaussianNoise extends layers.Layer {
  static className = "GaussianNoise";
  private readonly stddev: number;
  private readonly noiseKey: Omit<MaskKey, "step">;
  private readonly clock: StepClock;

  constructor(options: {
    readonly name: string;
    readonly stddev: number;
    readonly noiseKey: Omit<MaskKey, "step">;
    readonly clock: StepClock;
  }) {
    super({ name: options.name });
    this.stddev = options.stddev;
    this.noiseKey = options.noiseKey;
    this.clock = options.clock;
  }

  /** Input and output shape: [examples, …]. Without `training` the input goes through unchanged. */
  override call(inputs: Tensor | Tensor[], kwargs: { readonly training?: boolean }): Tensor {
    return tidy(() => {
      const input = Array.isArray(inputs) ? inputs[0] : inputs;
      if (input === undefined) throw new RangeError("Gaussian noise needs an input");
      if (kwargs.training !== true || this.stddev === 0) return input.clone();
      const { stddev, noiseKey } = this;
      const { shape, size } = input;
      const valuesAt = (step: number): Float32Array => gaussianNoise(stddev, size, { ...noiseKey, step });
      return add(input, stepTensor(this.clock, { shape, valuesAt }));
    });
  }

  override computeOutputShape(inputShape: (number | null)[]): (number | null)[] {
    return inputShape;
  }

  override getConfig() {
    return { ...super.getConfig(), stddev: this.stddev };
  }
}

/**
 * The noise of one layer in one step, mean 0.
 * @param stddev standard deviation, at least 0
 * @param size number of values: examples × features
 */
export function gaussianNoise(stddev: number, size: number, key: MaskKey): Float32Array {
  const stream = randomStream(key.seed, randomPurposes.gaussianNoise, key.layerIndex, key.step);
  const noise = new Float32Array(size);
  for (let position = 0; position < size; position++)
    noise[position] = stddev * inverseNormal(openUniform(stream, position));
  return noise;
}
