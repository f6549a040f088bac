import type { PlannedLayer } from "./plan.ts";

/** What a layer's `inputs` call the images that the model is given; no layer can be called so. */
export const modelInput = "$input";

/** Names of what a layer computes on. @param index of the layer in its model */
export function inputsOf(layers: readonly Pick<PlannedLayer, "name" | "inputs">[], index: number): readonly string[] {
  return layers[index]?.inputs ?? [layers[index - 1]?.name ?? modelInput];
}
