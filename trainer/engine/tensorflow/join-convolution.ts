import { attribute, type NodeDeclaration } from "./graph-def.ts";
import type { RecordedOperation } from "./rewrite-operation.ts";

/** Images with more channels are quicker convolved by oneDNN. */
const mostChannels = 4;
/** Filters that our operation computes at once. */
const lanes = 16;

/**
 * A convolution of images with few channels, its bias and its ReLU as one operation of ours; undefined if that is not what
 * they are.
 */
export function joinedConvolution({
  convolution,
  bias,
  hasRelu,
}: {
  readonly convolution: RecordedOperation;
  readonly bias: RecordedOperation;
  readonly hasRelu: boolean;
}): NodeDeclaration | undefined {
  if (convolution.operation !== "Conv2D" || bias.operation !== "BiasAdd") return undefined;
  const [, , channels = 0, filters = 0] = convolution.shapes[1] ?? [];
  const { padding, strides, dilations, data_format: format } = convolution.settings;
  const isPlain = format === "NHWC" && String(dilations) === "1,1,1,1" && Array.isArray(strides);
  const isSmall = channels <= mostChannels && (filters <= lanes || filters % lanes === 0);
  if (!isPlain || !isSmall || (padding !== "SAME" && padding !== "VALID")) return undefined;
  const [, bySource = ""] = bias.inputs;
  return {
    operation: "NightsweepConvolution",
    inputs: [...convolution.inputs, bySource],
    attributes: {
      strides: attribute.integers(strides.slice(1, 3).map(Number)),
      padding: attribute.text(padding),
      relu: attribute.boolean(hasRelu),
    },
  };
}
