import { createHash } from "node:crypto";
import { z } from "zod";
import { trialFiles } from "../contract/object-keys.ts";
import { encodeJson, decodeJson } from "./json-object.ts";
import { RecordError } from "./record-error.ts";
import type { Store } from "./store.ts";
import { writeUnlessFinished, type WriteOutcome } from "./trial-writer.ts";

/** Everything a trial needs to go on after a step. */
export interface Checkpoint<State> {
  /** Optimizer steps done, from 0. */
  readonly step: number;
  readonly weights: Uint8Array;
  /** The optimizer's slots. */
  readonly optimizer: Uint8Array;
  /** Whatever else the trainer must know; plain JSON. */
  readonly state: State;
}

const fingerprintSchema = z.object({ bytes: z.int().min(0), sha256: z.string() });

const stateDocumentSchema = z.object({
  schemaVersion: z.literal(1),
  step: z.int().min(0),
  weights: fingerprintSchema,
  optimizer: fingerprintSchema,
  state: z.unknown(),
});

/** `checkpoints/<step>/state.json`: written last, so its presence says that the checkpoint is complete. */
type StateDocument = z.infer<typeof stateDocumentSchema>;

const fileNames = { weights: "weights.bin", optimizer: "optimizer.bin", state: "state.json" } as const;

/** Which checkpoints stay: so many of the newest, `all`, or the newest and the one after a certain step. */
export type KeptCheckpoints = number | "all" | { readonly newestAndStep: number | undefined };

/**
 * Writes a checkpoint and, once it is complete, deletes those that are not kept, and any with a higher step, which
 * were passed over when the trial was resumed.
 * @param trialKey key of the record's folder
 * @returns refused if the trial is finished
 */
export async function saveCheckpoint<State>(
  store: Store,
  trialKey: string,
  checkpoint: Checkpoint<State>,
  kept: KeptCheckpoints,
): Promise<WriteOutcome> {
  const { step, weights, optimizer, state } = checkpoint;
  const document: StateDocument = {
    schemaVersion: 1,
    step,
    weights: fingerprint(weights),
    optimizer: fingerprint(optimizer),
    state,
  };
  const files = [
    [fileNames.weights, weights],
    [fileNames.optimizer, optimizer],
    [fileNames.state, encodeJson(document)],
  ] as const;
  for (const [name, bytes] of files) {
    const outcome = await writeUnlessFinished(store, trialKey, `${trialFiles.checkpoints}/${step}/${name}`, bytes);
    if (outcome.type === "refused") return outcome;
  }
  await prune(store, trialKey, step, kept);
  return { type: "written" };
}

/**
 * The newest checkpoint that is whole: torn and corrupt ones, and those whose state the caller can't use, are
 * skipped in favour of the one before.
 * @param isState whether the stored state is one that the caller can go on from
 */
export async function loadLatestCheckpoint<State>(
  store: Store,
  trialKey: string,
  isState: (state: unknown) => state is State,
): Promise<Checkpoint<State> | undefined> {
  const steps = await listCheckpoints(store, trialKey);
  for (const step of steps.reverse()) {
    const checkpoint = await loadCheckpoint(store, { trialKey, step }, isState);
    if (checkpoint !== undefined) return checkpoint;
  }
  return undefined;
}

/**
 * The checkpoint after a step, if there is one, it is whole, and the caller can use its state.
 * @param isState whether the stored state is one that the caller knows
 */
export async function loadCheckpoint<State>(
  store: Store,
  { trialKey, step }: { readonly trialKey: string; readonly step: number },
  isState: (state: unknown) => state is State,
): Promise<Checkpoint<State> | undefined> {
  const checkpoint = await loadWhole(store, folderOf(trialKey, step));
  if (checkpoint === undefined || !isState(checkpoint.state)) return undefined;
  return { ...checkpoint, state: checkpoint.state };
}

/** The state in the newest complete checkpoint, without its weights; undefined = there is none that can be read. */
export async function loadLatestState(store: Store, trialKey: string): Promise<unknown> {
  const step = (await listCheckpoints(store, trialKey)).at(-1);
  if (step === undefined) return undefined;
  return (await loadStateDocument(store, `${folderOf(trialKey, step)}/${fileNames.state}`))?.state;
}

/** Steps of the checkpoints that were written to their end, in ascending order. */
export async function listCheckpoints(store: Store, trialKey: string): Promise<number[]> {
  const suffix = `/${fileNames.state}`;
  const keys = (await checkpointKeys(store, trialKey)).filter(({ key }) => key.endsWith(suffix));
  return keys.map(({ step }) => step).sort((a, b) => a - b);
}

async function loadWhole(store: Store, folder: string): Promise<Checkpoint<unknown> | undefined> {
  const document = await loadStateDocument(store, `${folder}/${fileNames.state}`);
  if (document === undefined) return undefined;
  const weights = await store.get(`${folder}/${fileNames.weights}`);
  const optimizer = await store.get(`${folder}/${fileNames.optimizer}`);
  if (!isIntact(weights, document.weights) || !isIntact(optimizer, document.optimizer)) return undefined;
  return { step: document.step, weights, optimizer, state: document.state };
}

async function loadStateDocument(store: Store, key: string): Promise<StateDocument | undefined> {
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  try {
    return decodeJson(key, bytes, stateDocumentSchema);
  } catch (error) {
    if (error instanceof RecordError) return undefined;
    throw error;
  }
}

async function prune(store: Store, trialKey: string, newestStep: number, kept: KeptCheckpoints): Promise<void> {
  const keys = await checkpointKeys(store, trialKey);
  const complete = keys.filter(({ key, step }) => step <= newestStep && key.endsWith(`/${fileNames.state}`));
  const steps = complete.map(({ step }) => step).sort((a, b) => b - a);
  const remaining = new Set(steps.filter((step, age) => isKept(kept, step, age)));
  const superfluous = keys.filter(({ step }) => !remaining.has(step)).map(({ key }) => key);
  // state.json goes first: what is left by a killed process is then no checkpoint.
  superfluous.sort((a, b) => Number(b.endsWith(fileNames.state)) - Number(a.endsWith(fileNames.state)));
  for (const key of superfluous) await store.delete(key);
}

/** @param age 0 = the newest */
function isKept(kept: KeptCheckpoints, step: number, age: number): boolean {
  if (kept === "all") return true;
  return typeof kept === "number" ? age < kept : age === 0 || step === kept.newestAndStep;
}

async function checkpointKeys(store: Store, trialKey: string): Promise<{ key: string; step: number }[]> {
  const prefix = `${trialKey}/${trialFiles.checkpoints}/`;
  const keys = (await store.list(prefix)).map((key) => ({ key, step: Number(key.slice(prefix.length).split("/")[0]) }));
  return keys.filter(({ step }) => Number.isInteger(step));
}

function folderOf(trialKey: string, step: number): string {
  return `${trialKey}/${trialFiles.checkpoints}/${step}`;
}

function fingerprint(bytes: Uint8Array): z.infer<typeof fingerprintSchema> {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function isIntact(bytes: Uint8Array | undefined, expected: z.infer<typeof fingerprintSchema>): bytes is Uint8Array {
  if (bytes?.length !== expected.bytes) return false;
  return fingerprint(bytes).sha256 === expected.sha256;
}
