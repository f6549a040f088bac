import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import type { EpochMetrics, EpochTiming, MetricsLine } from "../record/trial-record.ts";
import { duration, fixedDecimals, short } from "./number-formats.ts";
import type { Table, TableColumn, TableRow } from "./table.ts";

/** One epoch of a trial; `null` where nothing was measured. */
export type EpochLogLine = {
  readonly epoch: number;
  /** Optimizer steps done. */
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  readonly testLoss: number | null;
  readonly testAccuracy: number | null;
  readonly learningRate: number;
  /** Wall time of training and evaluating. */
  readonly seconds: number | null;
};

/** The log of a trial, as plain JSON. */
export interface TrialLog {
  readonly trialId: string;
  readonly seed: number;
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
  readonly state: TrialRecord["state"]["type"];
  readonly epochs: readonly EpochLogLine[];
  /** The lines of `logEverySteps`: means over those steps. */
  readonly steps: readonly Omit<Extract<MetricsLine, { kind: "step" }>, "kind">[];
}

/**
 * The log of one trial, in any state.
 * @param records of the run; metrics and timings must have been loaded
 */
export function trialLog(records: RunRecords, { trial, state, metrics, timings }: TrialRecord): TrialLog {
  // A resumed trial may have written an epoch twice: the last line counts.
  const lines = new Map<number, EpochMetrics>();
  for (const line of metrics) if (line.kind === "epoch") lines.set(line.epoch, line);
  const timingOf = new Map(timings.map((timing) => [timing.epoch, timing]));
  return {
    trialId: trial.id,
    seed: trial.seed,
    values: records.plan.configurations[trial.configuration]?.values ?? {},
    state: state.type,
    epochs: [...lines.values()].map((line) => logLine(line, timingOf.get(line.epoch))),
    steps: metrics.flatMap((line) => {
      if (line.kind !== "step") return [];
      const { kind: _, ...figures } = line;
      return [figures];
    }),
  };
}

function logLine(line: EpochMetrics, timing: EpochTiming | undefined): EpochLogLine {
  const { epoch, step, loss, accuracy, learningRate, validation, test } = line;
  return {
    epoch,
    step,
    loss,
    accuracy,
    validationLoss: validation?.loss ?? null,
    validationAccuracy: validation?.accuracy ?? null,
    testLoss: test?.loss ?? null,
    testAccuracy: test?.accuracy ?? null,
    learningRate,
    seconds: timing?.seconds ?? null,
  };
}

/**
 * Logs as one table, a row per epoch.
 * @param which `epochs`, or `steps` for the lines of `logEverySteps`
 * @param paths swept paths to name the trials by; empty = a single trial, which needs no names
 */
export function epochLogTable(
  logs: readonly TrialLog[],
  which: "epochs" | "steps",
  paths: readonly string[] = [],
): Table {
  const rows = logs.flatMap((log): TableRow[] =>
    log[which].map((line) => ({ trial: log.trialId, seed: log.seed, ...log.values, ...line })),
  );
  const names: TableColumn[] = ["trial", "seed", ...paths].map((key) => ({ key, label: key, align: "left" }));
  return { columns: [...(logs.length > 1 ? names : []), ...figureColumns], rows };
}

/** Without the columns in which nothing was measured: for people. */
export function measuredColumns({ columns, rows }: Table): Table {
  return { columns: columns.filter(({ key }) => rows.some((row) => (row[key] ?? null) !== null)), rows };
}

const four = fixedDecimals(4);
const right = (key: keyof EpochLogLine, label: string, format?: (value: number) => string): TableColumn => ({
  key,
  label,
  align: "right",
  ...(format && { format }),
});

const figureColumns: readonly TableColumn[] = [
  right("epoch", "epoch"),
  right("step", "step"),
  right("loss", "loss", four),
  right("accuracy", "accuracy", four),
  right("validationLoss", "validation loss", four),
  right("validationAccuracy", "validation accuracy", four),
  right("testLoss", "test loss", four),
  right("testAccuracy", "test accuracy", four),
  right("learningRate", "learning rate", short),
  right("seconds", "time", duration),
];
