import {
  add,
  conv2d,
  pad,
  reshape,
  slice,
  tidy,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import type { Layer } from "../../src/spec/schema/layer.ts";

/**
 * Lets a stock `Conv2D` layer with dilation be trained: TensorFlow.js has no gradient of dilated kernels, so while
 * training zeros are put between the kernel's cells. Otherwise, and when it is loaded again, it is the stock layer.
 * @param layer without activation, which the caller applies
 */
export function trainThroughDilation(
  layer: layers.Layer,
  { dilationRate, padding }: Extract<Layer, { readonly type: "conv2d" }>,
): void {
  const stockCall = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    if (kwargs["training"] !== true) return stockCall(inputs, kwargs);
    return tidy(() => {
      const [input] = Array.isArray(inputs) ? inputs : [inputs];
      const [kernel, bias] = layer.weights.map((weight) => weight.read());
      const output = conv2d(rank4(input), spreadKernel(rank4(kernel), dilationRate), 1, padding);
      return bias === undefined ? output : add(output, bias);
    });
  };
}

/**
 * The kernel with zeros between its cells, which does without dilation what it does with it.
 * @param kernel shape [height, width, input channels, filters]
 * @returns shape [(height - 1) · rate + 1, (width - 1) · rate + 1, input channels, filters]
 */
function spreadKernel(kernel: Tensor4D, [vertical, horizontal]: readonly [number, number]): Tensor4D {
  const [height, width, channels, filters] = kernel.shape;
  const rows = spread(reshape(kernel, [1, height, width * channels * filters]), vertical);
  const newHeight = (height - 1) * vertical + 1;
  const columns = spread(reshape(rows, [newHeight, width, channels * filters]), horizontal);
  return reshape(columns, [newHeight, (width - 1) * horizontal + 1, channels, filters]);
}

/** Puts `rate - 1` zeros behind each but the last entry of the second of three axes. */
function spread(tensor: Tensor3D, rate: number): Tensor3D {
  const [outer, count, inner] = tensor.shape;
  const apart = pad(reshape(tensor, [outer * count, 1, inner]), [
    [0, 0],
    [0, rate - 1],
    [0, 0],
  ]);
  const joined: Tensor3D = reshape(apart, [outer, count * rate, inner]);
  return slice(joined, [0, 0, 0], [outer, (count - 1) * rate + 1, inner]);
}

function rank4(tensor: Tensor | undefined): Tensor4D {
  if (tensor === undefined || !isRank4(tensor)) throw new RangeError("a convolution needs images and a kernel");
  return tensor;
}

function isRank4(tensor: Tensor): tensor is Tensor4D {
  return tensor.rank === 4;
}
