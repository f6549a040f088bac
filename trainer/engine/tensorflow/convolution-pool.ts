import { attribute, type AttributeBytes, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import type { RecordedOperation } from "./rewrite-operation.ts";

/** Images with more channels are quicker convolved by oneDNN. */
const mostChannels = 4;

/** A convolution, its bias, ReLU, and the maximum of windows of 2×2, as one operation of ours. */
export class ConvolutionWithPool {
  private gradient: { readonly kernel: NodeReference; readonly bias: NodeReference } | undefined;

  /**
   * @param inputs images, kernel, bias
   * @param attributes strides and padding
   * @param kernelSize [height, width]
   */
  constructor(
    private readonly inputs: readonly [NodeReference, NodeReference, NodeReference],
    private readonly attributes: Readonly<Record<string, AttributeBytes>>,
    private readonly kernelSize: readonly number[],
  ) {}

  /** What it convolves. */
  get images(): NodeReference {
    return this.inputs[0];
  }

  /** @returns the pooled images */
  addTo(graph: GraphBuilder): NodeReference {
    const attributes = { ...this.attributes, relu: attribute.boolean(true) };
    return graph.add({ operation: "NightsweepConvolutionPool", inputs: this.inputs, attributes });
  }

  /** @param pooled its first output @param slopes the gradient by it */
  addGradientTo(graph: GraphBuilder, pooled: NodeReference, slopes: NodeReference) {
    this.gradient ??= this.createGradient(graph, [this.images, slopes, `${pooled}:1`]);
    return this.gradient;
  }

  private createGradient(graph: GraphBuilder, inputs: readonly NodeReference[]) {
    const attributes = { ...this.attributes, kernel_size: attribute.integers(this.kernelSize) };
    const kernel = graph.add({ operation: "NightsweepConvolutionPoolGradient", inputs, attributes });
    return { kernel, bias: `${kernel}:1` };
  }
}

/** What the pooling of a convolution's outputs can be joined to; undefined if it can't. @param recorded by nodes */
export function convolutionWithPool(
  pool: RecordedOperation,
  recorded: ReadonlyMap<NodeReference, RecordedOperation>,
): ConvolutionWithPool | undefined {
  const inputOf = (operation: RecordedOperation | undefined) => recorded.get(operation?.inputs[0] ?? "");
  const relu = inputOf(pool);
  const bias = inputOf(relu);
  const convolution = inputOf(bias);
  if (relu?.operation !== "Relu" || bias?.operation !== "BiasAdd" || convolution?.operation !== "Conv2D")
    return undefined;
  const [height = 0, width = 0, channels = 0] = convolution.shapes[1] ?? [];
  const { padding, strides, dilations, data_format: format } = convolution.settings;
  const isPlain = format === "NHWC" && String(dilations) === "1,1,1,1" && Array.isArray(strides);
  if (!isPlain || (padding !== "SAME" && padding !== "VALID")) return undefined;
  if (channels > mostChannels || !isPoolOfTwo(pool)) return undefined;
  const [images = "", kernel = ""] = convolution.inputs;
  const attributes = {
    strides: attribute.integers(strides.slice(1, 3).map(Number)),
    padding: attribute.text(padding),
  };
  return new ConvolutionWithPool([images, kernel, bias.inputs[1] ?? ""], attributes, [height, width]);
}

/** Windows of 2×2 side by side that lie within the images. */
function isPoolOfTwo({ settings, shapes }: RecordedOperation): boolean {
  const [, height = 1, width = 1] = shapes[0] ?? [];
  const { ksize, strides, padding, data_format: format } = settings;
  if (String(ksize) !== "1,2,2,1" || String(strides) !== "1,2,2,1" || format !== "NHWC") return false;
  return padding === "VALID" || (padding === "SAME" && height % 2 === 0 && width % 2 === 0);
}
