import {
  input as inputOf,
  layers,
  model as modelOf,
  sequential,
  SymbolicTensor,
  type LayersModel,
} from "@tensorflow/tfjs-layers";
import { probabilityActivation } from "../../src/plan/check-output.ts";
import { modelInput } from "../../src/plan/connections.ts";
import type { PlannedModel } from "../../src/plan/plan.ts";
import type { Loss } from "../../src/spec/schema/training.ts";
import { buildLayer, type RandomSource } from "./build-layer.ts";
import { isChain, type ModelNode, nodesOf, unusedName } from "./model-nodes.ts";

/**
 * Builds the tfjs model of a planned architecture, all weights 0.
 *
 * A softmax (or the sigmoid of a binary loss) at the end becomes a layer of its own: the loss needs what goes into it,
 * because the logarithm of a probability that was rounded to 0 is lost, while the logits still hold it.
 * @param options.seed masks and noise are drawn from it
 * @param options.clock tells random layers the step
 * @returns a sequential model, or a functional one if it has branches, from images, shape [examples, …model.inputShape],
 *   to probabilities (to logits with `fromLogits`), shape [examples, classes]; layer names as planned
 */
export function buildLayersModel(
  model: PlannedModel,
  { loss, ...random }: RandomSource & { readonly loss: Loss },
): LayersModel {
  const nodes = nodesOf(model.layers, loss.fromLogits ? undefined : probabilityActivation(loss));
  const name = unusedName("input", nodes);
  if (!isChain(nodes)) return connect(nodes, inputOf({ name, shape: [...model.inputShape] }), random);
  const input = layers.inputLayer({ name, inputShape: [...model.inputShape] });
  return sequential({ name: "model", layers: [input, ...nodes.map((node) => buildLayer(node, random))] });
}

function connect(nodes: readonly ModelNode[], input: SymbolicTensor, random: RandomSource): LayersModel {
  const outputs = new Map([[modelInput, input]]);
  let last = input;
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => outputs.get(name)).filter((tensor) => tensor !== undefined);
    const [first = input, ...others] = inputs;
    const output = buildLayer(node, random).apply(others.length > 0 ? inputs : first);
    if (!(output instanceof SymbolicTensor)) throw new TypeError(`layer ${node.name} did not give one tensor`);
    outputs.set(node.name, output);
    last = output;
  }
  return modelOf({ name: "model", inputs: input, outputs: last });
}
