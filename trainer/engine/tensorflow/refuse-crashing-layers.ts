import type { PlannedModel } from "../../../src/plan/plan.ts";

/**
 * oneDNN, which TensorFlow computes convolutions with, writes outside of its memory in the filter gradient of a 1×1 kernel
 * with unequal strides.
 * @throws Error that names the layer, unless oneDNN is switched off
 */
export function refuseCrashingLayers(model: PlannedModel): void {
  if (process.env["TF_ENABLE_ONEDNN_OPTS"] === "0") return;
  for (const [index, { name, layer }] of model.layers.entries()) {
    if (layer.type !== "conv2d" || layer.kernelSize.some((size) => size !== 1)) continue;
    if (layer.strides[0] === layer.strides[1]) continue;
    throw new Error(
      `layer ${index + 1} (${name}): a 1x1 kernel with strides ${layer.strides.join("x")} corrupts memory in TensorFlow's ` +
        "oneDNN; use --engine wasm, equal strides, or set TF_ENABLE_ONEDNN_OPTS=0 (slower)",
    );
  }
}
