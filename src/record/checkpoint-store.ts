import { createHash } from "node:crypto";
import { z } from "zod";
import { trialFiles } from "../contract/object-keys.ts";
import type { HeldClaim } from "./held-claim.ts";
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
 * were passed over when the trial was resumed. An attempt that took the trial over writes into folders of its own, so
 * one that was overtaken can't damage its checkpoints, and never deletes those of later holders.
 * @param trialKey key of the record's folder
 * @param claim held by this attempt; absent = nobody else can be at work
 * @returns refused if the trial is finished
 * @throws ClaimLostError if the claim is known to be lost
 */
export async function saveCheckpoint<State>(
  store: Store,
  trialKey: string,
  checkpoint: Checkpoint<State>,
  kept: KeptCheckpoints,
  claim?: HeldClaim,
): Promise<WriteOutcome> {
  await claim?.checkNowAndThen();
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
  const place = { step, token: claim?.token ?? 1 };
  for (const [name, bytes] of files) {
    const file = `${trialFiles.checkpoints}/${folderName(place)}/${name}`;
    if (claim !== undefined) await store.put(`${trialKey}/${file}`, bytes);
    else {
      const outcome = await writeUnlessFinished(store, trialKey, file, bytes);
      if (outcome.type === "refused") return outcome;
    }
  }
  await claim?.checkNowAndThen();
  await prune(store, trialKey, place, kept);
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
  return loadFirstUsable(store, await completeKeys(store, trialKey), isState);
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
  const keys = await completeKeys(store, trialKey);
  return loadFirstUsable(
    store,
    keys.filter((key) => key.step === step),
    isState,
  );
}

/** The state in the newest complete checkpoint, without its weights; undefined = there is none that can be read. */
export async function loadLatestState(store: Store, trialKey: string): Promise<unknown> {
  const [newest] = await completeKeys(store, trialKey);
  return newest && (await loadStateDocument(store, newest.key))?.state;
}

/** Steps of the checkpoints that were written to their end, in ascending order. */
export async function listCheckpoints(store: Store, trialKey: string): Promise<number[]> {
  const steps = new Set((await completeKeys(store, trialKey)).map(({ step }) => step));
  return [...steps].sort((a, b) => a - b);
}

/** An object of a checkpoint. */
interface CheckpointKey {
  readonly key: string;
  readonly step: number;
  /** Of the claim that the checkpoint was written under. */
  readonly token: number;
}

/** Keys of `state.json` of the checkpoints that were written to their end, the newest first. */
async function completeKeys(store: Store, trialKey: string): Promise<CheckpointKey[]> {
  const keys = (await checkpointKeys(store, trialKey)).filter(({ key }) => key.endsWith(`/${fileNames.state}`));
  return keys.sort((a, b) => b.step - a.step || b.token - a.token);
}

async function loadFirstUsable<State>(
  store: Store,
  keys: readonly CheckpointKey[],
  isState: (state: unknown) => state is State,
): Promise<Checkpoint<State> | undefined> {
  for (const { key } of keys) {
    const checkpoint = await loadWhole(store, key.slice(0, key.lastIndexOf("/")));
    if (checkpoint !== undefined && isState(checkpoint.state)) return { ...checkpoint, state: checkpoint.state };
  }
  return undefined;
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

async function prune(
  store: Store,
  trialKey: string,
  newest: { readonly step: number; readonly token: number },
  kept: KeptCheckpoints,
): Promise<void> {
  // What later holders have written is theirs.
  const keys = (await checkpointKeys(store, trialKey)).filter(({ token }) => token <= newest.token);
  const complete = keys.filter(({ key, step }) => step <= newest.step && key.endsWith(`/${fileNames.state}`));
  const steps = [...new Set(complete.map(({ step }) => step))].sort((a, b) => b - a);
  const remaining = new Set(steps.filter((step, age) => isKept(kept, step, age)));
  const tokens = new Map<number, number>();
  for (const { step, token } of complete) tokens.set(step, Math.max(token, tokens.get(step) ?? 0));
  const isSuperfluous = ({ step, token }: CheckpointKey): boolean => !remaining.has(step) || tokens.get(step) !== token;
  const superfluous = keys.filter(isSuperfluous).map(({ key }) => key);
  // state.json goes first: what is left by a killed process is then no checkpoint.
  superfluous.sort((a, b) => Number(b.endsWith(fileNames.state)) - Number(a.endsWith(fileNames.state)));
  for (const key of superfluous) await store.delete(key);
}

/** @param age 0 = the newest */
function isKept(kept: KeptCheckpoints, step: number, age: number): boolean {
  if (kept === "all") return true;
  return typeof kept === "number" ? age < kept : age === 0 || step === kept.newestAndStep;
}

async function checkpointKeys(store: Store, trialKey: string): Promise<CheckpointKey[]> {
  const prefix = `${trialKey}/${trialFiles.checkpoints}/`;
  return (await store.list(prefix)).flatMap((key) => {
    const match = /^(\d+)(?:\.(\d+))?\//.exec(key.slice(prefix.length));
    return match === null ? [] : [{ key, step: Number(match[1]), token: Number(match[2] ?? 1) }];
  });
}

/** `<step>`, or `<step>.<token>` if the trial was taken over from a holder that may still be writing. */
function folderName({ step, token }: { readonly step: number; readonly token: number }): string {
  return token === 1 ? String(step) : `${step}.${token}`;
}

function fingerprint(bytes: Uint8Array): z.infer<typeof fingerprintSchema> {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function isIntact(bytes: Uint8Array | undefined, expected: z.infer<typeof fingerprintSchema>): bytes is Uint8Array {
  if (bytes?.length !== expected.bytes) return false;
  return fingerprint(bytes).sha256 === expected.sha256;
}
