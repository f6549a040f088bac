import { z } from "zod";
import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import { decodeJsonLines, encodeJsonLines } from "./json-object.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { RecordError } from "./record-error.ts";
import { trialIdSchema } from "./record-schemas.ts";
import type { RunRecords } from "./run-records.ts";
import { sha256Of } from "./sha256-of.ts";
import type { Store } from "./store.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256");

const headSchema = z.object({
  schemaVersion: z.literal(1),
  plan: sha256,
  run: sha256.exactOptional(),
  /** Of what this line says of plan and run, and of the lines that follow. */
  sha256,
});

const lineSchema = z.object({ trialId: trialIdSchema, result: sha256, environment: sha256.exactOptional() });

/** What a finished record of a run must hash to: `result.json` and `environment.json` hold the hashes of the rest. */
export type SealedTrial = z.infer<typeof lineSchema>;

/** `seal.jsonl` of a run. */
export interface RunSeal {
  /** SHA-256 of `plan.json`. */
  readonly plan: string;
  /** SHA-256 of `run.json`. */
  readonly run?: string;
  readonly trials: ReadonlyMap<string, SealedTrial>;
}

/** Another process may seal the same run at the same time. */
const maxTries = 20;

/**
 * Seals a run: writes down what its finished records hash to, so that one that is changed, removed or put in by hand
 * afterwards is noticed. What was sealed before stays as it is, unless it was trained again.
 * @param records the run as it is now
 * @param trained ids of the trials that were trained since the last seal
 */
export async function sealRun(store: Store, records: RunRecords, trained: ReadonlySet<string>): Promise<void> {
  const run = objectKeys.run(records.experiment, records.runId);
  const key = objectKeys.seal(run);
  const own = records.trials.filter(({ state, cachedFrom }) => state.type === "finished" && cachedFrom === undefined);
  for (let tries = 0; tries < maxTries; tries++) {
    const before = await store.getVersioned(key);
    const known = before && parseSeal(key, before.bytes);
    const open = own.filter(({ trial }) => trained.has(trial.id) || known?.trials.has(trial.id) !== true);
    if (known !== undefined && open.length === 0) return;
    const sealed = await mapConcurrently(open, ({ trial, key }) => sealTrial(store, trial.id, key));
    const trials = new Map(known?.trials);
    for (const trial of sealed.flat()) trials.set(trial.trialId, trial);
    const seal = known ?? (await sealPlan(store, run));
    const bytes = encodeSeal({ ...seal, trials });
    const isWritten =
      before === undefined ? await store.putIfAbsent(key, bytes) : await store.putIfMatch(key, bytes, before.version);
    if (isWritten) return;
  }
}

/** The seal of a run, or undefined if it has none. @throws RecordError if it was changed or can't be read */
export async function loadSeal(store: Store, run: string): Promise<RunSeal | undefined> {
  const key = objectKeys.seal(run);
  const bytes = await store.get(key);
  return bytes && parseSeal(key, bytes);
}

/** Takes the trials of another copy of a run's seal into one. @returns the bytes of both together, this one's first */
export function mergeSeals(key: string, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const seal = parseSeal(key, bytes);
  return encodeSeal({ ...seal, trials: new Map([...parseSeal(key, other).trials, ...seal.trials]) });
}

async function sealPlan(store: Store, run: string): Promise<Omit<RunSeal, "trials">> {
  const [plan, document] = [await store.sha256(objectKeys.plan(run)), await store.sha256(objectKeys.source(run))];
  return { plan: plan ?? "", ...(document !== undefined && { run: document }) };
}

async function sealTrial(store: Store, trialId: SealedTrial["trialId"], key: string): Promise<SealedTrial[]> {
  const [result, environment] = await Promise.all([
    store.sha256(`${key}/${trialFiles.result}`),
    store.sha256(`${key}/${trialFiles.environment}`),
  ]);
  return result === undefined ? [] : [{ trialId, result, ...(environment !== undefined && { environment }) }];
}

function encodeSeal({ plan, run, trials }: RunSeal): Uint8Array {
  const lines = encodeJsonLines([...trials.values()].sort((a, b) => (a.trialId < b.trialId ? -1 : 1)));
  const head = { schemaVersion: 1, plan, ...(run !== undefined && { run }), sha256: hashSeal({ plan, run }, lines) };
  return Buffer.concat([encodeJsonLines([head]), lines]);
}

function hashSeal({ plan, run = "" }: { plan: string; run: string | undefined }, lines: Uint8Array): string {
  return sha256Of(Buffer.concat([Buffer.from(`${plan} ${run}\n`), lines]));
}

function parseSeal(key: string, bytes: Uint8Array): RunSeal {
  const end = bytes.indexOf(0x0a) + 1;
  const [head] = decodeJsonLines(key, bytes.subarray(0, end), headSchema);
  const lines = bytes.subarray(end);
  if (head === undefined || hashSeal({ plan: head.plan, run: head.run }, lines) !== head.sha256) {
    throw new RecordError(key, {
      problem: "was changed: it doesn't have the SHA-256 in its first line",
      fix: "restore it from a copy of the run",
    });
  }
  const trials = decodeJsonLines(key, lines, lineSchema).map((line) => [line.trialId, line] as const);
  return { plan: head.plan, ...(head.run !== undefined && { run: head.run }), trials: new Map(trials) };
}
