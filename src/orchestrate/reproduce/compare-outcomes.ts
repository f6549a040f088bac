import { trialFiles } from "../../contract/object-keys.ts";
import { loadMetrics, loadTrialState } from "../../record/load-trial.ts";
import type { Store } from "../../record/store.ts";
import type { LossAndAccuracy, MetricsLine, TrialResult } from "../../record/trial-record.ts";

/** A figure as it was recorded and as it came out again. */
export interface FigurePair {
  readonly figure: string;
  readonly recorded: number;
  readonly again: number;
}

/** A file of the record as it was and as it came out again. */
export interface FilePair {
  readonly name: string;
  /** SHA-256 that the trial was recorded with; `null` = it had no such file. */
  readonly recorded: string | null;
  readonly again: string | null;
}

/** How two records of one trial differ. */
export interface OutcomeComparison {
  readonly files: readonly FilePair[];
  readonly figures: readonly FigurePair[];
  /** Largest difference of a weight of the saved models; absent if they can't be compared. */
  readonly largestWeightDifference?: number;
  /** Whether every byte that doesn't depend on the occasion is the same. */
  readonly isEqual: boolean;
}

/** A record: a store, and the key of the record's folder in it. */
export interface RecordPlace {
  readonly store: Store;
  readonly key: string;
}

/**
 * Compares two finished records of the same trial.
 * @throws RecordError if one can't be read
 */
export async function compareOutcomes(recorded: RecordPlace, again: RecordPlace): Promise<OutcomeComparison> {
  const [before, after] = [await loadResult(recorded), await loadResult(again)];
  const [linesBefore = [], linesAfter = []] = [
    await loadMetrics(recorded.store, recorded.key),
    await loadMetrics(again.store, again.key),
  ];
  const files = pairFiles(before.files, after.files);
  const resultKey = (place: RecordPlace): string => `${place.key}/${trialFiles.result}`;
  const result = {
    name: trialFiles.result,
    recorded: (await recorded.store.sha256(resultKey(recorded))) ?? null,
    again: (await again.store.sha256(resultKey(again))) ?? null,
  };
  const all = [...files, result];
  const largestWeightDifference = await compareWeights(recorded, again);
  return {
    files: all,
    figures: [...pairResults(before, after), ...pairEpochs(linesBefore, linesAfter)],
    ...(largestWeightDifference !== undefined && { largestWeightDifference }),
    isEqual: all.every(({ recorded, again }) => recorded === again),
  };
}

async function loadResult({ store, key }: RecordPlace): Promise<TrialResult> {
  const state = await loadTrialState(store, key);
  if (state.type !== "finished") throw new Error(`${key} is not finished`);
  return state.result;
}

function pairFiles(before: TrialResult["files"], after: TrialResult["files"]): FilePair[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.map((name) => ({ name, recorded: before[name] ?? null, again: after[name] ?? null }));
}

function pairResults(before: TrialResult, after: TrialResult): FigurePair[] {
  const [a, b] = [figuresOf(before), figuresOf(after)];
  return [...a].flatMap(([figure, recorded]) => {
    const again = b.get(figure);
    return again === undefined ? [] : [{ figure, recorded, again }];
  });
}

function figuresOf({ train, validation, test, epochs, testedEpoch }: TrialResult): Map<string, number> {
  const { topKAccuracies: _, ...figures } = test;
  const named = (part: string, values: object): [string, number][] =>
    Object.entries(values).map(([name, value]: [string, number]) => [`${part} ${name}`, value]);
  return new Map([
    ...named("test", figures),
    ...named("training", pick(train)),
    ...(validation === undefined ? [] : named("validation", pick(validation))),
    ["epochs", epochs],
    ["tested epoch", testedEpoch],
  ]);
}

function pick({ loss, accuracy }: LossAndAccuracy): LossAndAccuracy {
  return { loss, accuracy };
}

/** The training loss of the epoch in which the two differ most, if there is one. */
function pairEpochs(before: readonly MetricsLine[], after: readonly MetricsLine[]): FigurePair[] {
  const losses = new Map(after.flatMap((line) => (line.kind === "epoch" ? [[line.epoch, line.loss] as const] : [])));
  let worst: FigurePair | undefined;
  for (const line of before) {
    const again = line.kind === "epoch" ? losses.get(line.epoch) : undefined;
    if (again === undefined) continue;
    const pair = { figure: `training loss of epoch ${line.epoch}`, recorded: line.loss, again };
    if (worst === undefined || difference(pair) > difference(worst)) worst = pair;
  }
  return worst === undefined || difference(worst) === 0 ? [] : [worst];
}

/** How far a figure came out from what was recorded. */
export function difference({ recorded, again }: FigurePair): number {
  return Math.abs(again - recorded);
}

async function compareWeights(recorded: RecordPlace, again: RecordPlace): Promise<number | undefined> {
  const [a, b] = [await loadFloats(recorded), await loadFloats(again)];
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - (b[index] ?? 0))), 0);
}

async function loadFloats({ store, key }: RecordPlace): Promise<Float32Array | undefined> {
  const bytes = await store.get(`${key}/${trialFiles.modelWeights}`);
  if (bytes === undefined || bytes.length % 4 !== 0) return undefined;
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
