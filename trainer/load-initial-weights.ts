import path from "node:path";
import type { Failure } from "../src/contract/worker-messages.ts";
import type { PlannedModel } from "../src/plan/plan.ts";
import { loadTrialWeights, loadWeightsFile } from "../src/record/load-weights.ts";
import type { Store } from "../src/record/store.ts";
import { hashWeights } from "../src/record/weight-tensors.ts";
import type { NamedTensor } from "./engine/engine.ts";

/**
 * Reads the trained weights that a planned model starts from.
 * @returns the tensors of the layers that take them, or why the weights are not those that were planned with
 * @throws RecordError if a trial's record can't be read
 */
export async function loadInitialWeights(
  { initialWeights }: PlannedModel,
  { store, dataRoot }: { readonly store: Store; readonly dataRoot: string },
): Promise<{ readonly weights: readonly NamedTensor[] } | { readonly failure: Failure }> {
  if (initialWeights === undefined) return { weights: [] };
  const { spec, sha256, layers, trialKey } = initialWeights;
  const [name, loaded] =
    "file" in spec
      ? [spec.file, await loadWeightsFile(path.resolve(dataRoot, spec.file))]
      : [`trial ${spec.trial}`, await loadTrialWeights(store, trialKey ?? "")];
  if (!("tensors" in loaded)) return refuse(`${name}: ${loaded.problem}\n  fix: ${loaded.fix}`);
  const now = hashWeights(loaded.tensors);
  if (now !== sha256)
    return refuse(
      `the initial weights of ${name} have changed since the run was planned: their SHA-256 is ${now.slice(0, 12)}…, ` +
        `planned was ${sha256.slice(0, 12)}…. Restore them, or start a new run of the experiment.`,
    );
  const wanted = new Set(layers);
  return { weights: loaded.tensors.filter((tensor) => wanted.has(tensor.name.slice(0, tensor.name.lastIndexOf("/")))) };
}

function refuse(reason: string): { readonly failure: Failure } {
  return { failure: { kind: "user", reason } };
}
