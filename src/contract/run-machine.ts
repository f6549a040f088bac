/**
 * What travels through the state machine that runs a plan on AWS: keys, names and counts, never trials. All fields of a
 * step are always there, because a state machine can't look at what isn't.
 */
import type { QueueName } from "./deployment.ts";

/** Names of the Lambda functions that the machine calls, and of the one that clears up after it. */
export const cloudFunctions = ["plan", "reduce", "report", "confirm", "cleanup"] as const;

/** One of the Lambda functions. */
export type CloudFunction = (typeof cloudFunctions)[number];

/** Who started an execution. */
export type Trigger = "cli" | "schedule" | "manual";

/** Input of an execution. */
export type ExecutionInput =
  /** Goes on with a run that is there in the store, with its plan. */
  | {
      readonly run: { readonly experiment: string; readonly runId: string };
      readonly queue: QueueName;
      readonly trigger: Trigger;
    }
  /** Makes a run of an experiment that was compiled when the stack was synthesised. */
  | {
      /** Address of a `CompiledExperiment`. */
      readonly compiled: { readonly bucket: string; readonly key: string };
      readonly queue: QueueName;
      readonly trigger: Trigger;
      /** Of a schedule: when it was due (ISO 8601). A schedule may fire twice; the same time is the same run. */
      readonly scheduledFor?: string;
    };

/** Event of the `plan` function. */
export interface PlanEvent {
  readonly input: ExecutionInput;
  readonly execution: {
    /** ARN. */
    readonly id: string;
    readonly name: string;
    /** ISO 8601. */
    readonly startTime: string;
  };
}

/** One job to submit: an array, or a single job where `size` is 1. */
export interface Chunk {
  readonly jobName: string;
  /** ARN. */
  readonly jobQueue: string;
  /** ARN with revision. */
  readonly jobDefinition: string;
  /** Children of the array. */
  readonly size: number;
  /** Of one attempt. */
  readonly timeoutSeconds: number;
  /** What the container gets besides the variables of its job definition; as Batch spells it. */
  readonly environment: readonly { readonly Name: string; readonly Value: string }[];
}

/** Result of `plan`, `reduce` and `confirm`; event of `reduce`, `report` and `confirm`. */
export interface RunStep {
  readonly experiment: string;
  readonly runId: string;
  readonly queue: QueueName;
  readonly trigger: Trigger;
  /** ARN of the execution. */
  readonly execution: string;
  /** Round that `chunks` make up, from 1. */
  readonly round: number;
  /** Whether this is the re-run that a suspicion asked for. */
  readonly isConfirming: boolean;
  /**
   * `dispatch`: submit `chunks`, then `reduce`; `wait`: the same after `waitSeconds`; `report`: nothing is left to run;
   * `nothing`: another execution does this run, end without a word.
   */
  readonly next: "dispatch" | "wait" | "report" | "nothing";
  readonly waitSeconds: number;
  /** At most 20. */
  readonly chunks: readonly Chunk[];
}

/** Result of `report`. */
export interface ReportStep extends Omit<RunStep, "next"> {
  /** `confirm`: a metric looks worse, run it again; `end`: done. */
  readonly next: "confirm" | "end";
  /** `failed`: trials failed for good, or a rule stopped the run. */
  readonly outcome: "done" | "failed";
  readonly verdict: "none" | "passed" | "regressed" | "recovered";
  readonly notice: Notice;
}

/** What is published to the topic. */
export interface Notice {
  /** Whether anything is to be published. */
  readonly isDue: boolean;
  /** ASCII, one line, at most 100 characters. */
  readonly subject: string;
  /** Table, link, commit range; at most 32 KiB. */
  readonly message: string;
}

/** Event of `cleanup`: EventBridge's word that an execution failed, timed out or was aborted. */
export interface ExecutionEnded {
  readonly "detail-type": "Step Functions Execution Status Change";
  readonly detail: {
    readonly executionArn: string;
    readonly name: string;
    readonly status: "FAILED" | "TIMED_OUT" | "ABORTED";
    /** The execution's input as JSON; null if it was too long for an event. */
    readonly input: string | null;
    /** Milliseconds. */
    readonly startDate: number;
    readonly cause?: string | null;
  };
}

/** Name of an execution of a run: the same run and start number can't be started twice. @param start from 1 */
export function executionNameOf(runId: string, start: number): string {
  return `${runId}-${start}`;
}
