import { attribute, type AttributeBytes, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import type { RecordedOperation } from "./rewrite-operation.ts";

/** Channels with which oneDNN's convolutions and their gradients of all outputs are quicker. */
const mostChannels = 64;
/** Numbers of an image from which on our own way leaves the nearest caches. */
const largestImage = 2 ** 15;

/** A convolution's gradient. */
interface ConvolutionGradient {
  readonly images: NodeReference;
  readonly kernel: NodeReference;
  readonly bias: NodeReference;
}

/** A convolution, its bias, ReLU, and the maximum of windows of 2×2, as one operation of ours. */
export class ConvolutionWithPool {
  private gradient: ConvolutionGradient | undefined;
  private isOfImages = false;

  /**
   * @param inputs images, kernel, bias
   * @param attributes strides and padding
   */
  constructor(
    private readonly inputs: readonly [NodeReference, NodeReference, NodeReference],
    private readonly attributes: Readonly<Record<string, AttributeBytes>>,
  ) {}

  /** Whether it convolves these images with this kernel. */
  isOf({ images = this.inputs[0], kernel = this.inputs[1] }: Partial<ConvolutionGradient>): boolean {
    return images === this.inputs[0] && kernel === this.inputs[1];
  }

  /** @returns the pooled images */
  addTo(graph: GraphBuilder): NodeReference {
    const attributes = { ...this.attributes, relu: attribute.boolean(true) };
    return graph.add({ operation: "NightsweepConvolutionPool", inputs: this.inputs, attributes });
  }

  /**
   * @param pooled its first output
   * @param slopes the gradient by it
   * @param of what it is wanted by
   */
  addGradientTo(
    graph: GraphBuilder,
    { pooled, slopes }: { readonly pooled: NodeReference; readonly slopes: NodeReference },
    of: keyof ConvolutionGradient,
  ): NodeReference {
    this.gradient ??= this.createGradient(graph, [this.inputs[0], this.inputs[1], slopes, `${pooled}:1`]);
    if (of === "images") this.isOfImages = true;
    return this.gradient[of];
  }

  private createGradient(graph: GraphBuilder, inputs: readonly NodeReference[]): ConvolutionGradient {
    // Known when the graph is written: what the first convolution of a network is given has no gradient.
    const isOfImages = () => this.isOfImages;
    const attributes = {
      ...this.attributes,
      get of_images() {
        return attribute.boolean(isOfImages());
      },
    };
    const images = graph.add({ operation: "NightsweepConvolutionPoolGradient", inputs, attributes });
    return { images, kernel: `${images}:1`, bias: `${images}:2` };
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
  const [, height = 0, width = 0, channels = 0] = convolution.shapes[0] ?? [];
  const { padding, strides, dilations, data_format: format } = convolution.settings;
  const isPlain = format === "NHWC" && String(dilations) === "1,1,1,1" && Array.isArray(strides);
  if (!isPlain || (padding !== "SAME" && padding !== "VALID")) return undefined;
  if (channels > mostChannels || height * width * channels > largestImage || !isPoolOfTwo(pool)) return undefined;
  const [images = "", kernel = ""] = convolution.inputs;
  const attributes = {
    strides: attribute.integers(strides.slice(1, 3).map(Number)),
    padding: attribute.text(padding),
  };
  return new ConvolutionWithPool([images, kernel, bias.inputs[1] ?? ""], attributes);
}

/** Windows of 2×2 side by side that lie within the images. */
function isPoolOfTwo({ settings, shapes }: RecordedOperation): boolean {
  const [, height = 1, width = 1] = shapes[0] ?? [];
  const { ksize, strides, padding, data_format: format } = settings;
  if (String(ksize) !== "1,2,2,1" || String(strides) !== "1,2,2,1" || format !== "NHWC") return false;
  return padding === "VALID" || (padding === "SAME" && height % 2 === 0 && width % 2 === 0);
}
