import type { Plan, PlannedTrial } from "../plan/plan.ts";
import type { Provenance } from "./provenance.ts";
import type {
  ConfusionDocument,
  EnvironmentDocument,
  FailureDocument,
  MetricsLine,
  EpochTiming,
  TrialResult,
} from "./trial-record.ts";

/** What is recorded of one trial of a plan, as far as it got. */
export interface TrialRecord {
  readonly trial: PlannedTrial;
  /** Key of the record's folder; inside another run if the trial was taken over from there. */
  readonly key: string;
  /** The run that finished the trial, if it is not the run that was asked for. */
  readonly cachedFrom?: string;
  readonly state:
    | { readonly type: "finished"; readonly result: TrialResult }
    | { readonly type: "failed"; readonly failure: FailureDocument }
    /** Started and not ended: running now, or interrupted. */
    | { readonly type: "started" }
    | { readonly type: "pending" };
  readonly metrics: readonly MetricsLine[];
  readonly timings: readonly EpochTiming[];
  readonly confusion?: ConfusionDocument;
  readonly environment?: EnvironmentDocument;
}

/** `run.json`: where a run came from. */
export interface RunDocument {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly experiment: string;
  readonly planId: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Absolute path of the experiment file on the machine that started the run. */
  readonly experimentFile: string;
  /** Whether trials that other runs finished are run again instead of taken over (`--no-cache`); absent = no. */
  readonly ignoresLedger?: boolean;
  /** The run that it was to confirm: it stands for that one, and is never meant by "the newest run". */
  readonly confirms?: string;
  /** ARN of the execution of the state machine that made the run; absent = a person did. */
  readonly execution?: string;
  /** Commit of the project that the experiment was compiled from; absent = a person ran it, see its provenance. */
  readonly commit?: string;
}

/** Everything recorded of one run: the input of comparison and report. */
export interface RunRecords {
  readonly runId: string;
  readonly experiment: string;
  readonly plan: Plan;
  /** In the plan's order. */
  readonly trials: readonly TrialRecord[];
  /** Where its own trials come from, by id; absent = not read. */
  readonly provenances?: ReadonlyMap<string, Provenance>;
}
