import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  FusedConv2D,
  Slice,
  type TensorInfo,
  Transpose,
} from "@tensorflow/tfjs-core";
import { stockFinisher } from "../fused-output.ts";
import { floatInput, type KernelArguments, numbersAttribute } from "../kernel-arguments.ts";
import { type Kernel, replaceKernel } from "../replace-kernel.ts";
import { revealNaN } from "../reveal-nan.ts";
import { convolutionGeometry, isEmpty, type WindowGeometry } from "../window-geometry.ts";
import { explicitPadding, explicitSides, type Sides, withExplicitPadding } from "./explicit-padding.ts";
import type { StockBackend } from "./stock-backend.ts";

/**
 * 2-D convolution, and both of its gradients as forward convolutions, which is what the backend is good at: it lacks the
 * filter's gradient, and its kernel for the input's goes pixel by pixel.
 */
export function composeConvolution(stock: StockBackend): void {
  const own = revealNaN(stock.kernel(Conv2D), stock);
  const forward = (parameters: KernelArguments): TensorInfo => own(withExplicitPadding(parameters, "full"));
  const parts = { stock, forward, transpose: stock.kernel(Transpose), slice: stock.kernel(Slice) };
  const slowly = stock.kernel(Conv2DBackpropInput);
  const finish = stockFinisher(
    (name) => stock.kernel(name),
    (tensor) => stock.release(tensor),
  );
  replaceKernel(Conv2D, forward);
  replaceKernel(FusedConv2D, (parameters) => finish(forward(parameters), parameters));
  replaceKernel(Conv2DBackpropInput, (parameters) => inputGradient(parts, parameters) ?? slowly(parameters));
  replaceKernel(Conv2DBackpropFilter, (parameters) => filterGradient(parts, parameters));
}

interface Parts {
  readonly stock: StockBackend;
  /** The backend's kernels. */
  readonly forward: Kernel;
  readonly transpose: Kernel;
  readonly slice: Kernel;
}

/** Stride 1 over the output's gradient with zeros put between its pixels, with the filter turned by 180°. */
function inputGradient(parts: Parts, { inputs, attrs }: KernelArguments): TensorInfo | undefined {
  const { stock, forward } = parts;
  const filter = floatInput(inputs, "filter");
  const geometry = convolutionGeometry(numbersAttribute(attrs, "inputShape"), filter.shape, attrs);
  const { inHeight, inWidth, outHeight, outWidth, windowHeight, windowWidth, strideHeight, strideWidth } = geometry;
  const rows = sidesOf(inHeight, windowHeight, (outHeight - 1) * strideHeight + 1, geometry.padTop);
  const columns = sidesOf(inWidth, windowWidth, (outWidth - 1) * strideWidth + 1, geometry.padLeft);
  if ([...rows, ...columns].some((pixels) => pixels < 0) || isEmpty(geometry)) return undefined;
  const dy = floatInput(inputs, "dy");
  const x = strideHeight > 1 || strideWidth > 1 ? spread(stock, geometry, dy) : dy;
  const gradient = stock.consume(flipped(stock, filter), (turned) =>
    forward({ inputs: { x, filter: turned }, attrs: convolutionAttributes(rows, columns) }),
  );
  if (x !== dy) stock.release(x);
  return gradient;
}

/** Padding around the spread gradient such that as many pixels come out as went in. */
function sidesOf(inLength: number, windowLength: number, spreadLength: number, padBefore: number): Sides {
  const before = windowLength - 1 - padBefore;
  return [before, inLength + windowLength - 1 - spreadLength - before];
}

/** The output's gradient with zeros between its pixels, as many as the stride jumps over. */
function spread(stock: StockBackend, geometry: WindowGeometry, dy: TensorInfo): TensorInfo {
  const { batchSize, outHeight, outWidth, outChannels, strideHeight, strideWidth } = geometry;
  const [height, width] = [(outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1];
  const source = stock.read(dy);
  const target = new Float32Array(batchSize * height * width * outChannels);
  for (let row = 0; row < batchSize * outHeight; row++) {
    const targetRow = Math.floor(row / outHeight) * height + (row % outHeight) * strideHeight;
    for (let column = 0; column < outWidth; column++) {
      const from = (row * outWidth + column) * outChannels;
      target.set(source.subarray(from, from + outChannels), (targetRow * width + column * strideWidth) * outChannels);
    }
  }
  return stock.create([batchSize, height, width, outChannels], target);
}

/** The filter turned by 180°, its channels exchanged. @returns shape [height, width, out, in] */
function flipped(stock: StockBackend, filter: TensorInfo): TensorInfo {
  const [height = 0, width = 0, inChannels = 0, outChannels = 0] = filter.shape;
  const source = stock.read(filter);
  const target = new Float32Array(source.length);
  const [taps, size] = [height * width, inChannels * outChannels];
  for (let tap = 0; tap < taps; tap++) {
    const [from, to] = [tap * size, (taps - 1 - tap) * size];
    for (let channel = 0; channel < inChannels; channel++) {
      for (let out = 0; out < outChannels; out++) {
        target[to + out * inChannels + channel] = source[from + channel * outChannels + out] ?? 0;
      }
    }
  }
  return stock.create([height, width, outChannels, inChannels], target);
}

/** The images as filters over each other: channels are examples, and examples are channels. */
function filterGradient({ stock, forward, transpose, slice }: Parts, { inputs, attrs }: KernelArguments): TensorInfo {
  const x = floatInput(inputs, "x");
  const filterShape = numbersAttribute(attrs, "filterShape");
  const geometry = convolutionGeometry(x.shape, filterShape, attrs);
  if (isEmpty(geometry))
    return stock.create(filterShape, new Float32Array(filterShape.reduce((all, one) => all * one, 1)));
  const { strideHeight, strideWidth } = geometry;
  const { rows, columns } = explicitSides(geometry);
  const images = transpose({ inputs: { x }, attrs: { perm: [3, 1, 2, 0] } });
  const filter = transpose({ inputs: { x: floatInput(inputs, "dy") }, attrs: { perm: [1, 2, 0, 3] } });
  const products = forward({
    inputs: { x: images, filter },
    attrs: { ...convolutionAttributes(rows, columns), dilations: [strideHeight, strideWidth] },
  });
  for (const tensor of [images, filter]) stock.release(tensor);
  const gradient = stock.consume(products, (each) => transpose({ inputs: { x: each }, attrs: { perm: [1, 2, 0, 3] } }));
  // Pixels that no window reaches give further rows and columns.
  return stock.consume(gradient, (each) =>
    slice({ inputs: { x: each }, attrs: { begin: [0, 0, 0, 0], size: [...filterShape] } }),
  );
}

function convolutionAttributes(rows: Sides, columns: Sides) {
  return { strides: 1, dilations: 1, pad: explicitPadding({ rows, columns }), dataFormat: "NHWC" };
}
