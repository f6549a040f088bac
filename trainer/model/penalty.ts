import { addN, type Scalar } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";

/**
 * What the regularizers of a model add to its loss: the sum of factor × |weight| and factor × weight² over the weights
 * that have one, as Keras does.
 * @returns undefined if there is no regularizer
 */
export function penaltyOf(model: LayersModel): Scalar | undefined {
  // The method of this name of a sequential model finds none.
  const losses = model.layers.flatMap((layer) => layer.calculateLosses());
  return losses.length === 0 ? undefined : addN(losses);
}
