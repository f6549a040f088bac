import { add, batchNorm, moments, mul, ones, tidy, zeros, type Tensor, type Tensor1D } from "@tensorflow/tfjs-core";
import { initializers, layers, type LayerVariable } from "@tensorflow/tfjs-layers";

/** What Keras' `BatchNormalization` is made with. */
export interface BatchNormalizationOptions {
  readonly name: string;
  /** Share of the moving statistics that stays at each step. */
  readonly momentum: number;
  readonly epsilon: number;
  /** Whether an offset (beta) is learned. */
  readonly center: boolean;
  /** Whether a factor (gamma) is learned. */
  readonly scale: boolean;
  readonly trainable: boolean;
}

/**
 * Batch normalisation over the last axis. While training it takes mean and (biased) variance of the batch and moves its
 * moving statistics towards them; otherwise, and always if it is frozen, it uses the moving ones. The stock layer fails
 * without `center` or `scale` and trains its statistics even if frozen. It is saved as, and loads as, Keras'
 * `BatchNormalization`; what it computes while not training is bit by bit what the stock layer computes.
 */
export class TrainableBatchNormalization extends layers.Layer {
  static className = "BatchNormalization";
  private readonly options: BatchNormalizationOptions;
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;
  private movingMean: LayerVariable | undefined;
  private movingVariance: LayerVariable | undefined;

  constructor(options: BatchNormalizationOptions) {
    super({ name: options.name, trainable: options.trainable });
    this.options = options;
  }

  override build(inputShape: (number | null)[] | (number | null)[][]): void {
    const channels = inputShape.at(-1);
    if (typeof channels !== "number") throw new RangeError("batch normalisation needs a fixed number of channels");
    const weight = (name: string, start: "zeros" | "ones", trainable: boolean) =>
      this.addWeight(
        name,
        [channels],
        "float32",
        start === "ones" ? initializers.ones() : initializers.zeros(),
        undefined,
        trainable,
      );
    if (this.options.scale) this.gamma = weight("gamma", "ones", true);
    if (this.options.center) this.beta = weight("beta", "zeros", true);
    this.movingMean = weight("moving_mean", "zeros", false);
    this.movingVariance = weight("moving_variance", "ones", false);
    this.built = true;
  }

  /** Input and output shape: [examples, …, channels]. */
  override call(inputs: Tensor | Tensor[], kwargs: { readonly training?: boolean }): Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    const { movingMean, movingVariance } = this;
    if (input === undefined || !movingMean || !movingVariance) throw new RangeError("the layer has not been built");
    return tidy(() => {
      if (kwargs.training !== true || !this.options.trainable)
        return this.normalise(input, asVector(movingMean.read()), asVector(movingVariance.read()), undefined);
      const axes = input.shape.slice(0, -1).map((_, axis) => axis);
      const { mean, variance } = moments(input, axes);
      this.move(movingMean, mean);
      this.move(movingVariance, variance);
      return this.normalise(input, asVector(mean), asVector(variance), input.shape.at(-1));
    });
  }

  /** @param channels gives what is not learned as constants, for which our gradient is made; undefined = leave it out */
  private normalise(input: Tensor, mean: Tensor1D, variance: Tensor1D, channels: number | undefined): Tensor {
    const constants = channels === undefined ? undefined : { gamma: ones([channels]), beta: zeros([channels]) };
    const gamma = this.gamma?.read() ?? constants?.gamma;
    const beta = this.beta?.read() ?? constants?.beta;
    return batchNorm(input, mean, variance, beta && asVector(beta), gamma && asVector(gamma), this.options.epsilon);
  }

  private move(statistic: LayerVariable, ofBatch: Tensor): void {
    const { momentum } = this.options;
    const moved = tidy(() => add(mul(statistic.read(), momentum), mul(ofBatch, 1 - momentum)));
    statistic.write(moved);
    moved.dispose();
  }

  override computeOutputShape(inputShape: (number | null)[]): (number | null)[] {
    return inputShape;
  }

  override getConfig() {
    const { momentum, epsilon, center, scale } = this.options;
    return { ...super.getConfig(), axis: -1, momentum, epsilon, center, scale };
  }
}

function asVector(tensor: Tensor): Tensor1D {
  if (!isVector(tensor))
    throw new RangeError(`expected one number per channel, got shape [${tensor.shape.join(", ")}]`);
  return tensor;
}

function isVector(tensor: Tensor): tensor is Tensor1D {
  return tensor.rank === 1;
}
