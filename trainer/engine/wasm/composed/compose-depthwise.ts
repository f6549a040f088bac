import {
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  FusedDepthwiseConv2D,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import { stockFinisher } from "../fused-output.ts";
import { floatInput, type KernelArguments, numbersAttribute } from "../kernel-arguments.ts";
import { replaceKernel } from "../replace-kernel.ts";
import { revealNaN } from "../reveal-nan.ts";
import { convolutionGeometry, type WindowGeometry } from "../window-geometry.ts";
import { eachTap } from "./each-tap.ts";
import { withExplicitPadding } from "./explicit-padding.ts";
import type { StockBackend } from "./stock-backend.ts";

/** Depthwise convolution and both of its gradients, which the backend lacks. */
export function composeDepthwise(stock: StockBackend): void {
  const own = revealNaN(stock.kernel(DepthwiseConv2dNative), stock);
  const finish = stockFinisher(
    (name) => stock.kernel(name),
    (tensor) => stock.release(tensor),
  );
  const forward = (parameters: KernelArguments): TensorInfo => own(withExplicitPadding(parameters, "depthwise"));
  replaceKernel(DepthwiseConv2dNative, forward);
  replaceKernel(FusedDepthwiseConv2D, (parameters) => finish(forward(parameters), parameters));
  replaceKernel(DepthwiseConv2dNativeBackpropInput, (parameters) => inputGradient(stock, parameters));
  replaceKernel(DepthwiseConv2dNativeBackpropFilter, (parameters) => filterGradient(stock, parameters));
}

function inputGradient(stock: StockBackend, { inputs, attrs }: KernelArguments): TensorInfo {
  const filter = floatInput(inputs, "filter");
  const inputShape = numbersAttribute(attrs, "inputShape");
  const [slopes, factors] = [stock.read(floatInput(inputs, "dy")), stock.read(filter)];
  const gradient = new Float32Array(util.sizeFromShape([...inputShape]));
  eachProduct(convolutionGeometry(inputShape, filter.shape, attrs, "depthwise"), (input, factor, out) => {
    gradient[input] = at(gradient, input) + at(slopes, out) * at(factors, factor);
  });
  return stock.create(inputShape, gradient);
}

function filterGradient(stock: StockBackend, { inputs, attrs }: KernelArguments): TensorInfo {
  const x = floatInput(inputs, "x");
  const filterShape = numbersAttribute(attrs, "filterShape");
  const [images, slopes] = [stock.read(x), stock.read(floatInput(inputs, "dy"))];
  // In float64: there are as many terms as output pixels.
  const gradient = new Float64Array(util.sizeFromShape([...filterShape]));
  eachProduct(convolutionGeometry(x.shape, filterShape, attrs, "depthwise"), (input, factor, out) => {
    gradient[factor] = at(gradient, factor) + at(images, input) * at(slopes, out);
  });
  return stock.create(filterShape, Float32Array.from(gradient));
}

/** Calls back for every product of the convolution, with the places of its input, its factor and its output. */
function eachProduct(geometry: WindowGeometry, visit: (input: number, factor: number, output: number) => void): void {
  const { inChannels, outChannels } = geometry;
  const multiplier = outChannels / inChannels;
  eachTap(geometry, (inputPixel, outputPixel, tap) => {
    for (let out = 0; out < outChannels; out++) {
      const channel = Math.floor(out / multiplier);
      visit(inputPixel * inChannels + channel, tap * outChannels + out, outputPixel * outChannels + out);
    }
  });
}

function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] ?? 0;
}
