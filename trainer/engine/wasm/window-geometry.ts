import { backend_util } from "@tensorflow/tfjs-core";
import { paddingAttribute, pairAttribute, roundingAttribute, shape4, textAttribute } from "./kernel-arguments.ts";
import type { NamedAttrMap } from "@tensorflow/tfjs-core";

/**
 * A window that slides over images: the geometry of convolution, depthwise convolution and pooling. Lengths are in pixels.
 * The same fields in the same order as the class of this name in `assembly/layout.ts`.
 */
export interface WindowGeometry {
  readonly batchSize: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly windowHeight: number;
  readonly windowWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly inSpacingHeight: number;
  readonly inSpacingWidth: number;
}

/** The fields in the order of `assembly/layout.ts`. */
export function geometryFields(geometry: WindowGeometry): number[] {
  return [
    geometry.batchSize,
    geometry.inHeight,
    geometry.inWidth,
    geometry.inChannels,
    geometry.outHeight,
    geometry.outWidth,
    geometry.outChannels,
    geometry.windowHeight,
    geometry.windowWidth,
    geometry.strideHeight,
    geometry.strideWidth,
    geometry.padTop,
    geometry.padLeft,
    geometry.inSpacingHeight,
    geometry.inSpacingWidth,
  ];
}

/**
 * Geometry of a convolution from the attributes of its kernel.
 * @param inputShape shape [batch, height, width, channels]
 * @param filterShape shape [height, width, input channels, output channels (depthwise: multiplier)]
 * @throws Error if the images are not NHWC or the window is dilated
 */
export function convolutionGeometry(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: NamedAttrMap,
  kind: "full" | "depthwise" = "full",
): WindowGeometry {
  const dataFormat = textAttribute(attrs, "dataFormat", "NHWC");
  if (dataFormat !== "NHWC") throw new Error(`convolution of ${dataFormat} images: only NHWC is supported`);
  if (isDilated(attrs)) throw new Error("convolution with dilation: not supported by the WASM kernels");
  const info = backend_util.computeConv2DInfo(
    shape4(inputShape),
    shape4(filterShape),
    pairAttribute(attrs, "strides"),
    1,
    paddingAttribute(attrs),
    roundingAttribute(attrs),
    kind === "depthwise",
  );
  return fromInfo(info);
}

/** Geometry of a pooling from the attributes of its kernel. */
export function poolingGeometry(inputShape: readonly number[], attrs: NamedAttrMap): WindowGeometry {
  const info = backend_util.computePool2DInfo(
    shape4(inputShape),
    pairAttribute(attrs, "filterSize"),
    pairAttribute(attrs, "strides"),
    1,
    paddingAttribute(attrs),
    roundingAttribute(attrs),
  );
  return fromInfo(info);
}

/** Whether the window has gaps. */
export function isDilated(attrs: NamedAttrMap): boolean {
  return pairAttribute(attrs, "dilations").some((dilation) => dilation !== 1);
}

/**
 * The convolution that carries a gradient from the output back to the input: stride 1 over the output with zeros put
 * between its pixels, with the filter turned by 180°.
 */
export function backwardGeometry(forward: WindowGeometry): WindowGeometry {
  return {
    batchSize: forward.batchSize,
    inHeight: forward.outHeight,
    inWidth: forward.outWidth,
    inChannels: forward.outChannels,
    outHeight: forward.inHeight,
    outWidth: forward.inWidth,
    outChannels: forward.inChannels,
    windowHeight: forward.windowHeight,
    windowWidth: forward.windowWidth,
    strideHeight: 1,
    strideWidth: 1,
    padTop: forward.windowHeight - 1 - forward.padTop,
    padLeft: forward.windowWidth - 1 - forward.padLeft,
    inSpacingHeight: forward.strideHeight,
    inSpacingWidth: forward.strideWidth,
  };
}

/** Shape of the output. */
export function outputShape(geometry: WindowGeometry): number[] {
  return [geometry.batchSize, geometry.outHeight, geometry.outWidth, geometry.outChannels];
}

/** Whether there is nothing to compute: no images, no output pixels or no channels. */
export function isEmpty(geometry: WindowGeometry): boolean {
  return outputShape(geometry).includes(0) || geometry.inChannels === 0;
}

function fromInfo(info: backend_util.Conv2DInfo): WindowGeometry {
  return {
    batchSize: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    windowHeight: info.filterHeight,
    windowWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
    inSpacingHeight: 1,
    inSpacingWidth: 1,
  };
}
