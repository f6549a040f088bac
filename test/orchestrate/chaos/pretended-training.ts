import { trialFiles } from "../../../src/contract/object-keys.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { resolveTrial } from "../../../src/plan/resolve-trial.ts";
import { loadLatestCheckpoint, saveCheckpoint } from "../../../src/record/checkpoint-store.ts";
import type { Store } from "../../../src/record/store.ts";
import type { EpochMetrics, EpochTiming } from "../../../src/record/trial-record.ts";
import type { TrialWriter } from "../../../src/record/trial-writer.ts";
import type { AttemptOutcome } from "../../../trainer/train-trial.ts";

export const epochCount = 3;

interface State {
  readonly epoch: number;
  readonly timings: readonly EpochTiming[];
}

/** The lines that a trial's metrics have after some epochs: the same whoever trains it, as with a real engine. */
export function metricsOf(trialIndex: number, epochs: number): EpochMetrics[] {
  return Array.from({ length: epochs }, (_, index) => {
    const epoch = index + 1;
    const figures = { loss: 1 / (trialIndex + epoch), accuracy: 0.5 };
    return { kind: "epoch", epoch, step: 10 * epoch, learningRate: 0.1, ...figures };
  });
}

/** One attempt at a pretended training. */
export interface PretendedAttempt {
  readonly plan: Plan;
  readonly runId: string;
  readonly trialIndex: number;
  readonly attempt: number;
  /** Differs from attempt to attempt: so do all files that may differ. */
  readonly signature: number;
  /** Lets the time of an epoch pass. */
  readonly train: (epoch: number) => Promise<void>;
}

/** What a trainer does for one attempt, with the real writer, checkpoints and ledger, but nothing is learned. */
export async function pretendTraining(
  store: Store,
  writer: TrialWriter,
  own: PretendedAttempt,
): Promise<AttemptOutcome> {
  const { plan, runId, trialIndex, attempt, signature, train } = own;
  const { id, seed, configuration, data, model, training, evaluation } = resolveTrial(plan, trialIndex);
  const sections = { data, model, training, evaluation };
  const ids = { runId, id, seed, configurationId: configuration.id, values: configuration.values };
  if ((await writer.begin({ schemaVersion: 1, ...ids, ...sections })).type === "refused") return { type: "finished" };
  const latest = await loadLatestCheckpoint(store, writer.key, isState);
  const timings = [...(latest?.state.timings ?? [])];
  for (let epoch = timings.length + 1; epoch <= epochCount; epoch++) {
    await train(epoch);
    timings.push({ epoch, attempt, seconds: signature, examplesPerSecond: 1 });
    await writer.writeMetrics(metricsOf(trialIndex, epoch));
    await writer.writeTimings(timings);
    // Some trials save each epoch, some the second, some only the last.
    if (epoch % (1 + (trialIndex % epochCount)) !== 0) continue;
    const bytes = Uint8Array.of(trialIndex % 256, epoch);
    const snapshot = { step: 10 * epoch, weights: bytes, optimizer: bytes, state: { epoch, timings } };
    await saveCheckpoint(store, writer.key, snapshot, 1, writer.claim);
  }
  await record(writer, { ...own, timings });
  return { type: "finished" };
}

async function record(
  writer: TrialWriter,
  { trialIndex, attempt, signature, timings }: PretendedAttempt & { readonly timings: readonly EpochTiming[] },
): Promise<void> {
  await writer.writeMetrics(metricsOf(trialIndex, epochCount));
  await writer.writeTimings(timings);
  await writer.writeFile(trialFiles.predictions, new TextEncoder().encode(`predictions ${signature}`));
  await writer.writeFile(trialFiles.modelWeights, new TextEncoder().encode(`weights ${signature}`));
  const machine = { node: "", platform: "", cpu: "", threads: 1, hostname: "", peakMemoryBytes: 0 };
  const times = { startedAt: "", finishedAt: "", seconds: signature };
  const versions = { engine: "pretended", engineVersion: "1", packageVersion: "1" };
  await writer.writeEnvironment({ schemaVersion: 1, ...versions, ...machine, ...times, attempt });
  const figures = { loss: 1 / (trialIndex + epochCount), accuracy: 0.5 };
  const counts = { epochs: epochCount, steps: 10 * epochCount, parameterCount: 1, testedEpoch: epochCount };
  await writer.finish({ ...counts, train: figures, test: { ...figures, macroF1: 0.5 } });
}

function isState(state: unknown): state is State {
  return typeof state === "object" && state !== null && "timings" in state && Array.isArray(state.timings);
}
