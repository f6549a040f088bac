import { io } from "@tensorflow/tfjs-core";
import { loadLayersModel, type LayersModel, version_layers } from "@tensorflow/tfjs-layers";
import type { NamedTensor, SavedModel } from "../engine/engine.ts";
import { encodeTensors } from "./tensor-bytes.ts";
import { toTfjsName } from "../../src/record/weight-names.ts";

/** What `model.json` says the weights are called beside it. */
const weightsFile = "weights.bin";

/**
 * Writes a model in the standard tfjs layers format, which `tf.loadLayersModel` reads. The same model and weights give
 * the same bytes.
 * @param weights the weights to save, by `<layer>/kernel`…; they need not be those that `model` holds now
 */
export function encodeSavedModel(model: LayersModel, weights: readonly NamedTensor[]): SavedModel {
  const document: io.ModelJSON = {
    format: "layers-model",
    generatedBy: `TensorFlow.js tfjs-layers v${version_layers}`,
    convertedBy: null,
    modelTopology: topologyOf(model),
    weightsManifest: [
      {
        paths: [weightsFile],
        weights: weights.map(({ name, shape }) => ({ name: toTfjsName(name), shape: [...shape], dtype: "float32" })),
      },
    ],
  };
  return {
    topology: new TextEncoder().encode(`${JSON.stringify(document)}\n`),
    weights: encodeTensors(weights),
  };
}

/**
 * Reads a model that `encodeSavedModel` wrote.
 * @throws Error if `saved.topology` is no tfjs layers model or `saved.weights` don't fit it
 */
export async function decodeSavedModel(saved: SavedModel): Promise<LayersModel> {
  const document: unknown = JSON.parse(new TextDecoder().decode(saved.topology));
  if (!isModelJson(document)) throw new Error("model.json is not a tfjs layers model");
  const artifacts = await io.getModelArtifactsForJSON(document, (manifest) => {
    const specs = manifest.flatMap((group) => group.weights);
    return Promise.resolve([specs, Uint8Array.from(saved.weights).buffer]);
  });
  return loadLayersModel(io.fromMemory(artifacts));
}

function topologyOf(model: LayersModel): object {
  const topology: unknown = model.toJSON(undefined, false);
  if (typeof topology !== "object" || topology === null) throw new TypeError("the model has no topology");
  return topology;
}

function isModelJson(value: unknown): value is io.ModelJSON {
  if (typeof value !== "object" || value === null) return false;
  return "modelTopology" in value && "weightsManifest" in value && Array.isArray(value.weightsManifest);
}
