import { readFile } from "node:fs/promises";
import { z } from "zod";
import { trialFiles } from "../contract/object-keys.ts";
import { loadJson } from "./json-object.ts";
import { decodeSafetensors } from "./safetensors.ts";
import type { Store } from "./store.ts";
import { fromTfjsName } from "./weight-names.ts";
import type { Weights, WeightTensor } from "./weight-tensors.ts";

/** Reads the weights in a .safetensors file. @param path absolute */
export async function loadWeightsFile(path: string): Promise<Weights> {
  try {
    return decodeSafetensors(await readFile(path));
  } catch (error) {
    const reason = fileProblems.get(error instanceof Error && "code" in error ? error.code : undefined);
    if (reason === undefined) throw error;
    return { problem: reason, fix: "correct the path; it starts from the folder of the experiment file" };
  }
}

const fileProblems: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["ENOTDIR", "there is no such file"],
  ["EISDIR", "this is a folder, expected a .safetensors file"],
  ["EACCES", "the file may not be read"],
  ["ERR_FS_FILE_TOO_LARGE", "the file is larger than 2 GiB"],
]);

/** The part of a tfjs `model.json` that says which weights lie in `weights.bin`. */
const manifestSchema = z.object({
  weightsManifest: z.array(
    z.object({ weights: z.array(z.object({ name: z.string(), shape: z.array(z.int().min(0)), dtype: z.string() })) }),
  ),
});

/**
 * Reads the weights of a finished trial's saved model.
 * @param trialKey key of the record's folder
 * @throws RecordError naming the key if `model.json` can't be read
 */
export async function loadTrialWeights(store: Store, trialKey: string): Promise<Weights> {
  const manifest = await loadJson(store, `${trialKey}/${trialFiles.modelTopology}`, manifestSchema);
  const bytes = await store.get(`${trialKey}/${trialFiles.modelWeights}`);
  const fix = "restore the record, or name another trial";
  if (manifest === undefined || bytes === undefined) return { problem: "its saved model is missing", fix };
  const tensors: WeightTensor[] = [];
  let position = 0;
  for (const { name, shape } of manifest.weightsManifest.flatMap(({ weights }) => weights)) {
    const end = position + shape.reduce((product, dimension) => product * dimension, Float32Array.BYTES_PER_ELEMENT);
    if (end > bytes.length) return { problem: "its saved weights are cut off", fix };
    const { buffer } = new Uint8Array(bytes.subarray(position, end));
    tensors.push({ name: fromTfjsName(name), shape, values: new Float32Array(buffer) });
    position = end;
  }
  return { tensors };
}
