import type { Comparison } from "../compare/comparison.ts";
import { curveNames, readCurve } from "../compare/learning-curves.ts";
import type { TrialRecord } from "../record/run-records.ts";
import type { EpochMetrics } from "../record/trial-record.ts";
import { encodeCounts, encodeCurves, type TrialCounts, type TrialCurve } from "./block-format.ts";
import type { BlockKind, ReportBlock } from "./report-data.ts";

/** Trials whose curves and matrices stand in one block: small enough to be decoded unnoticed. */
const trialsPerBlock = 500;
/** Cells of all matrices together: 400 matrices of 500 classes, and far more than 100,000 of 10. */
const maxMatrixCells = 100_000_000;
/** Lines of a trial's step log: more than an axis has pixels. */
const maxStepLines = 1000;
/** Lines of all step logs together: about 10 MB. */
const maxAllStepLines = 2_000_000;
/** What steps are logged with. */
const stepCurveNames = ["trainLoss", "trainAccuracy"] as const;

/**
 * Reads metrics, timings and confusion matrices of some trials, a few at a time, and lets each go once something is
 * taken from it. @returns what was taken, in the order of the trials
 */
export type LoadTrials = <Taken>(
  records: readonly TrialRecord[],
  take: (record: TrialRecord, at: number) => Taken,
) => Promise<Taken[]>;

/** What is left out of the blocks. */
export interface LeftOut {
  /** Trials without curves and matrix. */
  curves: number;
  /** Finished trials without their matrix. */
  matrices: number;
  /** Trials without their step log. */
  stepLogs: number;
}

/** What blocks have room for. */
export interface BlockLimits {
  readonly leftOut: LeftOut;
  readonly maxCells?: number | undefined;
  readonly maxTrials?: number | undefined;
}

/**
 * The curves and confusion matrices of a run, best configurations first, some hundred trials at a time: only those are
 * in memory.
 * @param options.leftOut told what there was no room for; `maxCells`: of all matrices together, default 100 million;
 *   `maxTrials`: of the best configurations, default all
 */
export async function* trialBlocks(
  comparison: Comparison,
  records: readonly TrialRecord[],
  load: LoadTrials,
  { leftOut, maxCells = maxMatrixCells, maxTrials = Number.POSITIVE_INFINITY }: BlockLimits,
): AsyncGenerator<ReportBlock> {
  const ranked = leaderboardOrder(comparison);
  const order = ranked.slice(0, maxTrials);
  leftOut.curves += ranked.length - order.length;
  const room: Room = { cells: maxCells, stepLines: maxAllStepLines };
  for (let begin = 0, number = 0; begin < order.length; begin += trialsPerBlock, number++) {
    const indices = order.slice(begin, begin + trialsPerBlock);
    const chosen = indices.map((index) => recordAt(records, index));
    const parts = await load(chosen, (record, at) => partsOf(record, indices[at] ?? 0));
    yield* blocksOf(parts, number, { room, leftOut });
  }
}

/** Trials by the rank of their configuration. @returns indices into the comparison's trials */
export function leaderboardOrder({ configurations, trials }: Comparison): number[] {
  const place = new Map(configurations.map(({ configurationId }, index) => [configurationId, index]));
  const placeOf = (index: number): number => {
    const trial = trials[index];
    return trial === undefined ? 0 : (place.get(trial.configurationId) ?? 0);
  };
  return [...trials.keys()].sort((a, b) => placeOf(a) - placeOf(b) || a - b);
}

function recordAt(records: readonly TrialRecord[], index: number): TrialRecord {
  const record = records[index];
  if (record === undefined) throw new RangeError(`there is no trial number ${index}`);
  return record;
}

/** What blocks have of a trial. */
interface TrialParts {
  readonly curve: TrialCurve;
  readonly stepLog: TrialCurve;
  readonly counts: TrialCounts | undefined;
}

function partsOf(record: TrialRecord, trial: number): TrialParts {
  return { curve: curveOf(record, trial), stepLog: stepLogOf(record, trial), counts: countsOf(record, trial) };
}

/** For how much more there is room. */
interface Room {
  cells: number;
  stepLines: number;
}

function* blocksOf(
  parts: readonly TrialParts[],
  number: number,
  { room, leftOut }: { readonly room: Room; readonly leftOut: LeftOut },
): Generator<ReportBlock> {
  const curves = parts.map(({ curve }) => curve).filter(({ epochs }) => epochs.length > 0);
  if (curves.length > 0) {
    const names = curveNames.filter((name) => curves.some(({ values }) => values[name] !== undefined));
    yield block("curves", number, curves, encodeCurves(curves, names));
  }
  const stepLogs = parts
    .map(({ stepLog }) => stepLog)
    .filter(({ steps }) => {
      const fits = steps.length <= room.stepLines;
      if (fits) room.stepLines -= steps.length;
      else leftOut.stepLogs++;
      return fits && steps.length > 0;
    });
  if (stepLogs.length > 0) yield block("steps", number, stepLogs, encodeCurves(stepLogs, stepCurveNames));
  const counts = parts
    .flatMap((own) => own.counts ?? [])
    .filter((matrix) => {
      const fits = matrix.counts.length ** 2 <= room.cells;
      if (fits) room.cells -= matrix.counts.length ** 2;
      else leftOut.matrices++;
      return fits;
    });
  if (counts.length > 0) yield block("counts", number, counts, encodeCounts(counts));
}

function block(
  kind: BlockKind,
  number: number,
  parts: readonly { readonly trial: number }[],
  bytes: Uint8Array,
): ReportBlock {
  return { name: `${kind}-${number}`, kind, trials: parts.map(({ trial }) => trial), bytes };
}

function countsOf({ confusion, state }: TrialRecord, trial: number): TrialCounts | undefined {
  return confusion === undefined || state.type !== "finished" ? undefined : { trial, counts: confusion.counts };
}

function curveOf(record: TrialRecord, trial: number): TrialCurve {
  const lines = epochLines(record);
  const seconds = new Map(record.timings.map((timing) => [timing.epoch, timing.seconds]));
  let elapsed = 0;
  const measured = curveNames.filter((name) => lines.some((line) => readCurve(line, name) !== undefined));
  return {
    trial,
    epochs: lines.map(({ epoch }) => epoch),
    steps: lines.map(({ step }) => step),
    // Unknown from the first epoch on whose time is not recorded.
    seconds: lines.map(({ epoch }) => (elapsed += seconds.get(epoch) ?? Number.NaN)),
    values: Object.fromEntries(
      measured.map((name) => [name, lines.map((line) => readCurve(line, name) ?? Number.NaN)]),
    ),
  };
}

/** The lines of `logEverySteps`, thinned out evenly where they are very many. */
function stepLogOf({ metrics }: TrialRecord, trial: number): TrialCurve {
  const byStep = new Map(metrics.flatMap((line) => (line.kind === "step" ? [[line.step, line] as const] : [])));
  const all = [...byStep.values()].sort((a, b) => a.step - b.step);
  const stride = Math.ceil(all.length / maxStepLines);
  const lines = all.filter((_, index) => (index + 1) % stride === 0);
  return {
    trial,
    epochs: lines.map(({ epoch }) => epoch),
    steps: lines.map(({ step }) => step),
    seconds: lines.map(() => Number.NaN),
    values: { trainLoss: lines.map(({ loss }) => loss), trainAccuracy: lines.map(({ accuracy }) => accuracy) },
  };
}

/** The last line of each epoch, ascending: a resumed trial may have written one twice. */
function epochLines({ metrics }: TrialRecord): EpochMetrics[] {
  const lines = new Map<number, EpochMetrics>();
  for (const line of metrics) if (line.kind === "epoch") lines.set(line.epoch, line);
  return [...lines.values()].sort((a, b) => a.epoch - b.epoch);
}
