import { maxPool, reshape, tidy, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";

/**
 * The largest value of each channel, as a pool as large as the image: of equal values, one gets the gradient. The stock
 * layer gives the whole gradient to each of them. It is saved as, and loads as, Keras' `GlobalMaxPooling2D`.
 */
export class GlobalMaxPooling extends layers.Layer {
  static className = "GlobalMaxPooling2D";

  /** From shape [examples, height, width, channels] to [examples, channels]. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const input = Array.isArray(inputs) ? inputs[0] : inputs;
      if (input === undefined || !isImages(input)) throw new RangeError("global pooling needs images");
      const [examples, height, width, channels] = input.shape;
      return reshape(maxPool(input, [height, width], 1, "valid"), [examples, channels]);
    });
  }

  override computeOutputShape(inputShape: (number | null)[]): (number | null)[] {
    return [inputShape[0] ?? null, inputShape.at(-1) ?? null];
  }

  override getConfig() {
    return { ...super.getConfig(), dataFormat: "channelsLast" };
  }
}

function isImages(tensor: Tensor): tensor is Tensor4D {
  return tensor.rank === 4;
}
