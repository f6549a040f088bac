import type { Tensor } from "@tensorflow/tfjs-core";
import { layers, sequential, type LayersModel } from "@tensorflow/tfjs-layers";
import type { PlannedLayer, PlannedModel } from "../../src/plan/plan.ts";
import { probabilityActivation } from "../../src/plan/check-output.ts";
import type { Layer } from "../../src/spec/schema/layer.ts";
import type { Loss } from "../../src/spec/schema/training.ts";
import { KeyedDropout, type StepClock } from "./dropout-layer.ts";

type TfLayer = layers.Layer;

/**
 * Builds the tfjs model of a planned architecture, all weights 0.
 *
 * A softmax (or the sigmoid of a binary loss) at the end becomes a layer of its own: the loss needs what goes into it, because the logarithm of a
 * probability that was rounded to 0 is lost, while the logits still hold it.
 * @param options.seed dropout masks are drawn from it
 * @param options.clock tells dropout layers the step
 * @returns a sequential model from images, shape [examples, …model.inputShape], to probabilities (to logits with
 *   `fromLogits`), shape [examples, classes]; layer names as planned
 */
export function buildLayersModel(
  model: PlannedModel,
  options: { readonly loss: Loss; readonly seed: number; readonly clock: StepClock },
): LayersModel {
  const planned = options.loss.fromLogits
    ? model.layers
    : splitFinalActivation(model.layers, probabilityActivation(options.loss));
  const input = layers.inputLayer({
    name: unusedName("input", planned),
    inputShape: [...model.inputShape],
  });
  const built = planned.map(({ name, layer }, layerIndex) => {
    if (layer.type !== "dropout") return buildLayer(name, layer);
    return new KeyedDropout({
      name,
      rate: layer.rate,
      maskKey: { seed: options.seed, layerIndex },
      clock: options.clock,
    });
  });
  return sequential({ name: "model", layers: [input, ...built] });
}

/**
 * The layers whose last output are the logits: all but the input and, unless the loss is from logits, the final
 * softmax or sigmoid.
 * @throws Error if the loss needs probabilities and the model doesn't end with what gives them
 */
export function layersUpToLogits(model: LayersModel, loss: Loss): readonly TfLayer[] {
  const computing = model.layers.filter((layer) => layer.getClassName() !== "InputLayer");
  if (loss.fromLogits) return computing;
  const last = computing.at(-1);
  const activation = probabilityActivation(loss);
  if (last === undefined || !isActivation(last, activation))
    throw new Error(`loss ${loss.type} without fromLogits needs a model that ends with the activation ${activation}`);
  return computing.slice(0, -1);
}

/** Runs the layers one after another. `training` switches dropout on. */
export function applyLayers(chain: readonly TfLayer[], images: Tensor, mode: { readonly training: boolean }): Tensor {
  return chain.reduce<Tensor>((input, layer) => {
    const output = layer.apply(input, mode);
    if (!isTensor(output)) throw new TypeError(`layer ${layer.name} did not give one tensor`);
    return output;
  }, images);
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "dataId" in value;
}

function isActivation(layer: TfLayer, activation: string): boolean {
  return layer.getClassName() === "Activation" && layer.getConfig()["activation"] === activation;
}

type ModelLayer = Pick<PlannedLayer, "name" | "layer">;

/** Takes the final softmax (or sigmoid) out of the layer that has it and puts it at the very end. */
function splitFinalActivation(
  all: readonly PlannedLayer[],
  activation: ReturnType<typeof probabilityActivation>,
): readonly ModelLayer[] {
  const position = all.findLastIndex(({ layer }) => !isPassThrough(layer));
  const final = all[position];
  if (final === undefined || !isActivated(final.layer) || final.layer.activation !== activation) return all;
  // Several softmaxes side by side, one per pixel, are no probabilities of classes.
  if (final.outputShape.slice(0, -1).some((dimension) => dimension !== 1)) return all;
  if (final.layer.type === "activation" && position === all.length - 1) return all;
  const layer: Layer = { ...final.layer, activation: "linear" };
  const split: Layer = { type: "activation", activation };
  const others = all.map((planned, index) => (index === position ? { name: final.name, layer } : planned));
  return [...others, { name: unusedName(`${final.name}_${activation}`, all), layer: split }];
}

/** Whether a layer leaves its input's values and their order as they are. */
function isPassThrough(layer: Layer): boolean {
  return layer.type === "flatten" || (layer.type === "activation" && layer.activation === "linear");
}

function isActivated(layer: Layer): layer is Extract<Layer, { readonly activation: unknown }> {
  return "activation" in layer;
}

function unusedName(wished: string, used: readonly ModelLayer[]): string {
  return used.some(({ name }) => name === wished) ? unusedName(`${wished}_`, used) : wished;
}

function buildLayer(name: string, layer: Exclude<Layer, { readonly type: "dropout" }>): TfLayer {
  switch (layer.type) {
    case "conv2d":
      return layers.conv2d({
        name,
        filters: layer.filters,
        kernelSize: [...layer.kernelSize],
        strides: [...layer.strides],
        dilationRate: [...layer.dilationRate],
        padding: layer.padding,
        activation: layer.activation,
        useBias: layer.useBias,
        ...withoutDrawing,
      });
    case "dense":
      return layers.dense({
        name,
        units: layer.units,
        activation: layer.activation,
        useBias: layer.useBias,
        ...withoutDrawing,
      });
    case "maxPooling2d":
      return layers.maxPooling2d(poolArguments(name, layer));
    case "averagePooling2d":
      return layers.averagePooling2d(poolArguments(name, layer));
    case "flatten":
      return layers.flatten({ name });
    case "activation":
      return layers.activation({ name, activation: layer.activation });
    default:
      return layer satisfies never;
  }
}

/** The stock initialisers are slow and draw from an unseeded generator: the real weights are set afterwards. */
const withoutDrawing = { kernelInitializer: "zeros", biasInitializer: "zeros" } as const;

function poolArguments(name: string, layer: Extract<Layer, { readonly type: "maxPooling2d" | "averagePooling2d" }>) {
  const poolSize: [number, number] = [...layer.poolSize];
  const strides: [number, number] = [...(layer.strides ?? layer.poolSize)];
  return { name, poolSize, strides, padding: layer.padding };
}
