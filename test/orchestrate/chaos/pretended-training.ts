import { resolveTrial } from "../../../src/plan/resolve-trial.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { loadLatestCheckpoint, saveCheckpoint } from "../../../src/record/checkpoint-store.ts";
import type { Store } from "../../../src/record/store.ts";
import type { EpochMetrics } from "../../../src/record/trial-record.ts";
import { TrialWriter } from "../../../src/record/trial-writer.ts";

export const epochCount = 3;

interface State {
  readonly epoch: number;
}

/** The lines that a trial's metrics have after some epochs: the same whoever trains it, as with a real engine. */
export function metricsOf(trialIndex: number, epochs: number): EpochMetrics[] {
  return Array.from({ length: epochs }, (_, index) => {
    const epoch = index + 1;
    const figures = { loss: 1 / (trialIndex + epoch), accuracy: 0.5 };
    return { kind: "epoch", epoch, step: 10 * epoch, learningRate: 0.1, ...figures };
  });
}

/**
 * What a trainer does for one attempt, with the real writer, checkpoints and ledger, but nothing is learned.
 * @param train lets the time of an epoch pass
 */
export async function pretendTraining(
  store: Store,
  { plan, runId, trialIndex }: { readonly plan: Plan; readonly runId: string; readonly trialIndex: number },
  train: (epoch: number) => Promise<void>,
): Promise<void> {
  const trial = resolveTrial(plan, trialIndex);
  const { id, seed, configuration, data, model, training, evaluation } = trial;
  const writer = new TrialWriter(store, { experiment: plan.experiment, runId, trialId: id });
  const sections = { data, model, training, evaluation };
  const ids = { runId, id, seed, configurationId: configuration.id, values: configuration.values };
  if ((await writer.begin({ schemaVersion: 1, ...ids, ...sections })).type === "refused") return;
  const latest = await loadLatestCheckpoint(store, writer.key, isState);
  for (let epoch = (latest?.state.epoch ?? 0) + 1; epoch <= epochCount; epoch++) {
    await train(epoch);
    await writer.writeMetrics(metricsOf(trialIndex, epoch));
    const bytes = Uint8Array.of(trialIndex % 256, epoch);
    const snapshot = { step: 10 * epoch, weights: bytes, optimizer: bytes, state: { epoch } };
    await saveCheckpoint(store, writer.key, snapshot, 1);
  }
  await writer.writeFile("predictions.csv", Uint8Array.of(trialIndex % 256));
  await writer.writeMetrics(metricsOf(trialIndex, epochCount));
  const figures = { loss: 1 / (trialIndex + epochCount), accuracy: 0.5 };
  const counts = { epochs: epochCount, steps: 10 * epochCount, parameterCount: 1, testedEpoch: epochCount };
  await writer.finish({ ...counts, train: figures, test: { ...figures, macroF1: 0.5 } });
}

function isState(state: unknown): state is State {
  return typeof state === "object" && state !== null && "epoch" in state && typeof state.epoch === "number";
}
