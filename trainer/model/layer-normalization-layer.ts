import { batchNorm, moments, ones, reshape, tidy, tile, zeros, type Tensor } from "@tensorflow/tfjs-core";
import { initializers, layers, type LayerVariable } from "@tensorflow/tfjs-layers";

/** What Keras' `LayerNormalization` is made with. */
export interface LayerNormalizationOptions {
  readonly name: string;
  readonly epsilon: number;
  /** Whether an offset (beta) is learned. */
  readonly center: boolean;
  /** Whether a factor (gamma) is learned. */
  readonly scale: boolean;
  readonly trainable: boolean;
}

/**
 * Layer normalisation over the last axis: each row, or each pixel, by the mean and variance of its own features. The
 * stock layer can't be trained without `center` or `scale`. It is saved as, and loads as, Keras' `LayerNormalization`;
 * what it computes is bit by bit what the stock layer computes.
 */
export class TrainableLayerNormalization extends layers.Layer {
  static className = "LayerNormalization";
  private readonly options: LayerNormalizationOptions;
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;

  constructor(options: LayerNormalizationOptions) {
    super({ name: options.name, trainable: options.trainable });
    this.options = options;
  }

  override build(inputShape: (number | null)[] | (number | null)[][]): void {
    const features = inputShape.at(-1);
    if (typeof features !== "number") throw new RangeError("layer normalisation needs a fixed number of features");
    const weight = (name: string, start: "zeros" | "ones") =>
      this.addWeight(
        name,
        [features],
        "float32",
        start === "ones" ? initializers.ones() : initializers.zeros(),
        undefined,
        true,
      );
    if (this.options.scale) this.gamma = weight("gamma", "ones");
    if (this.options.center) this.beta = weight("beta", "zeros");
    this.built = true;
  }

  /** Input and output shape: [examples, …, features]. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    if (input === undefined) throw new RangeError("layer normalisation needs an input");
    return tidy(() => {
      const { mean, variance } = moments(input, -1, true);
      const outer = input.shape.slice(0, -1);
      const features = input.shape.at(-1) ?? 0;
      const overFeatures = [...outer.map(() => 1), features];
      const alike = (vector: Tensor) => tile(reshape(vector, overFeatures), [...outer, 1]);
      // All of the input's shape: the gradient of batchNorm does not broadcast.
      return batchNorm(
        input,
        tile(mean, overFeatures),
        tile(variance, overFeatures),
        alike(this.beta?.read() ?? zeros([features])),
        alike(this.gamma?.read() ?? ones([features])),
        this.options.epsilon,
      );
    });
  }

  override computeOutputShape(inputShape: (number | null)[]): (number | null)[] {
    return inputShape;
  }

  override getConfig() {
    const { epsilon, center, scale } = this.options;
    return { ...super.getConfig(), axis: -1, epsilon, center, scale };
  }
}
