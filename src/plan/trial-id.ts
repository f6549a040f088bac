import { createHash } from "node:crypto";
import type { Evaluation } from "../spec/schema/experiment.ts";
import type { Training } from "../spec/schema/training.ts";
import { canonicalJson } from "./canonical-json.ts";
import { dataChoices } from "./data-choices.ts";
import type { ConfigurationId, PlannedData, PlannedLayer, PlannedModel, TrialId } from "./plan.ts";
import { isWindowed, windowOf } from "./window.ts";

/** SHA-256 (hex) of each section's part that determines results. */
export interface SectionHashes {
  readonly data: string;
  readonly model: string;
  readonly training: string;
  readonly evaluation: string;
}

/** Identity of the data: what is learned from and tested on, however it was named or stored. */
export function hashData({ spec, dataset, trainCount, validationCount, testCount }: PlannedData): string {
  return hash({ dataset: dataset.sha256, trainCount, validationCount, testCount, ...dataChoices(spec) });
}

/**
 * Identity of the architecture: its layers, unfolded, with the names that name their weights; not its own name. Of
 * weights that it starts from, what they are counts, not where they lie.
 */
export function hashModel({ layers, initialWeights }: PlannedModel): string {
  const resolved = layers.map(resolveLayer);
  if (initialWeights === undefined) return hash(resolved);
  const { sha256, layers: names } = initialWeights;
  return hash({ layers: resolved, initialWeights: { sha256, layers: names } });
}

/** Identity of the training; checkpoints only save what happens anyway. */
export function hashTraining(training: Training): string {
  return hash({ ...training, checkpoint: undefined });
}

/** Identity of the evaluation; the batch size only says how it is cut up, `topK` only what is shown of the record. */
export function hashEvaluation(evaluation: Evaluation): string {
  return hash({ ...evaluation, batchSize: undefined, topK: undefined });
}

/** The identity of a configuration: the same content, the same id, in any experiment and on any machine. */
export function configurationIdOf(hashes: SectionHashes, resultsVersion: number): ConfigurationId {
  const id = shorten(hash({ ...hashes, resultsVersion }));
  if (!isConfigurationId(id)) throw new Error(`${id} is not a configuration id`);
  return id;
}

/** The identity of one replicate of a configuration. */
export function trialIdOf(configuration: ConfigurationId, seed: number): TrialId {
  const id = shorten(hash({ configuration, seed }));
  if (!isTrialId(id)) throw new Error(`${id} is not a trial id`);
  return id;
}

/** The identity of a plan: that of its trials in order. */
export function planIdOf(trials: readonly { readonly id: TrialId }[]): string {
  return shorten(hash(trials.map((trial) => trial.id)));
}

/** Whether a text can be a trial's id: 20 hex digits. */
export function isTrialId(text: string): text is TrialId {
  return /^[0-9a-f]{20}$/.test(text);
}

/** Whether a text can be a configuration's id: 20 hex digits. */
export function isConfigurationId(text: string): text is ConfigurationId {
  return /^[0-9a-f]{20}$/.test(text);
}

function resolveLayer({ layer, name, inputs }: PlannedLayer): unknown {
  const resolved = isWindowed(layer) ? { ...layer, name, strides: windowOf(layer).strides } : { ...layer, name };
  return inputs === undefined ? resolved : { ...resolved, inputs };
}

function hash(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

function shorten(digest: string): string {
  return digest.slice(0, 20);
}
