import { trialFiles } from "../contract/object-keys.ts";
import type { FailureKind } from "../contract/worker-messages.ts";
import type { TrialId } from "../plan/plan.ts";
import { mapConcurrently } from "../record/map-concurrently.ts";
import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import type { Store } from "../record/store.ts";
import { signatureOf } from "./failure-streak.ts";

/** Trials that failed for one cause. */
export interface FailureGroup {
  readonly kind: FailureKind;
  /** That of the first trial; those of the others differ only in numbers and names. */
  readonly reason: string;
  readonly trials: readonly TrialId[];
  /** The last lines that the first trial printed. */
  readonly lastLines: readonly string[];
}

const maxLines = 5;

/** The failed trials of a run by cause, the most frequent first. */
export async function groupFailures(store: Store, { trials }: RunRecords): Promise<FailureGroup[]> {
  const groups = new Map<string, TrialRecord[]>();
  for (const record of trials) {
    if (record.state.type !== "failed") continue;
    const signature = signatureOf(record.state.failure);
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, [record]);
    else group.push(record);
  }
  const described = await mapConcurrently([...groups.values()], (group) => describeGroup(store, group));
  return described.flat().sort((a, b) => b.trials.length - a.trials.length);
}

async function describeGroup(store: Store, group: readonly TrialRecord[]): Promise<FailureGroup[]> {
  const [first] = group;
  if (first?.state.type !== "failed") return [];
  const { kind, reason } = first.state.failure;
  const trials = group.map(({ trial }) => trial.id);
  return [{ kind, reason, trials, lastLines: await lastLinesOf(store, first.key) }];
}

async function lastLinesOf(store: Store, trialKey: string): Promise<string[]> {
  const bytes = await store.get(`${trialKey}/${trialFiles.log}`);
  if (bytes === undefined) return [];
  const lines = new TextDecoder().decode(bytes).trimEnd().split("\n");
  return lines.filter((line) => line.trim() !== "").slice(-maxLines);
}
