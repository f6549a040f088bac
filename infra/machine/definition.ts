import type { CloudFunction } from "../../src/contract/run-machine.ts";

/** What the machine calls. */
export interface MachineParts {
  /** ARNs. */
  readonly functions: Readonly<Record<Exclude<CloudFunction, "cleanup">, string>>;
  /** ARN. */
  readonly topic: string;
  /** Of the deployment; jobs have it as a tag. */
  readonly name: string;
  /** `aws`, or another partition. */
  readonly partition: string;
  readonly timeLimitSeconds: number;
}

/** Values of Amazon States Language. */
export type StateJson = string | number | boolean | null | readonly StateJson[] | { readonly [key: string]: StateJson };

/** A state machine in Amazon States Language. */
export type MachineDefinition = Readonly<Record<string, StateJson>>;

/** The tags that every job of the machine has. */
export const jobTags = { deployment: "nightsweep:deployment" } as const;

/**
 * The machine that runs a plan, whatever the experiment: plan → jobs → reduce, again while trials are left, → report, and the
 * run once more if a metric looks worse. It alone submits jobs. Its state is a `RunStep`: keys and names, never trials.
 */
export function defineMachine(parts: MachineParts): MachineDefinition {
  const invoke = invokeFrom(parts);
  return {
    Comment: "nightsweep: runs a plan on AWS Batch and reports",
    StartAt: "Plan",
    TimeoutSeconds: parts.timeLimitSeconds,
    States: {
      Plan: invoke("plan", "Next step", {
        "input.$": "$",
        execution: {
          "id.$": "$$.Execution.Id",
          "name.$": "$$.Execution.Name",
          "startTime.$": "$$.Execution.StartTime",
        },
      }),
      "Next step": choose("$.next", {
        dispatch: "Run jobs",
        wait: "Wait",
        report: "Report",
        nothing: "Nothing to do",
      }),
      Wait: { Type: "Wait", SecondsPath: "$.waitSeconds", Next: "Run jobs" },
      "Run jobs": runJobs(parts),
      Reduce: invoke("reduce", "Next step"),
      Report: invoke("report", "Is it certain?"),
      "Is it certain?": choose("$.next", { confirm: "Confirm", end: "Is anybody told?" }),
      Confirm: invoke("confirm", "Next step"),
      "Is anybody told?": {
        Type: "Choice",
        Choices: [{ Variable: "$.notice.isDue", BooleanEquals: true, Next: "Tell" }],
        Default: "How did it go?",
      },
      Tell: publish(parts),
      "How did it go?": choose("$.outcome", { done: "Done", failed: "Failed" }),
      "Nothing to do": { Type: "Succeed" },
      Done: { Type: "Succeed" },
      Failed: { Type: "Fail", Error: "RunFailed", CausePath: "$.notice.subject" },
      "Unknown step": {
        Type: "Fail",
        Error: "UnknownStep",
        Cause: "a function answered what this machine doesn't know",
      },
    },
  };
}

type Invoke = (name: keyof MachineParts["functions"], next: string, payload?: StateJson) => StateJson;

/** A function's result takes the place of the whole state. */
function invokeFrom({ functions, partition }: MachineParts): Invoke {
  return (name, next, payload) => ({
    Type: "Task",
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: {
      FunctionName: functions[name],
      ...(payload === undefined ? { "Payload.$": "$" } : { Payload: payload }),
    },
    OutputPath: "$.Payload",
    Retry: [
      {
        ErrorEquals: [
          "Lambda.ClientExecutionTimeoutException",
          "Lambda.ServiceException",
          "Lambda.AWSLambdaException",
          "Lambda.SdkClientException",
          "Lambda.TooManyRequestsException",
        ],
        IntervalSeconds: 2,
        MaxAttempts: 6,
        BackoffRate: 2,
        JitterStrategy: "FULL",
      },
    ],
    Next: next,
  });
}

function choose(variable: string, next: Readonly<Record<string, string>>): StateJson {
  return {
    Type: "Choice",
    Choices: Object.entries(next).map(([value, state]) => ({ Variable: variable, StringEquals: value, Next: state })),
    Default: "Unknown step",
  };
}

/**
 * Submits the chunks side by side and waits for them. What becomes of each is dropped: a failed array is an ordinary thing
 * (one child is enough), `reduce` reads the records, and the causes of twenty jobs don't fit into a state.
 */
function runJobs(parts: MachineParts): StateJson {
  return {
    Type: "Map",
    ItemsPath: "$.chunks",
    MaxConcurrency: 0,
    ResultPath: null,
    ItemProcessor: {
      ProcessorConfig: { Mode: "INLINE" },
      StartAt: "One or many?",
      States: {
        // An array of one child is refused.
        "One or many?": {
          Type: "Choice",
          Choices: [{ Variable: "$.size", NumericGreaterThan: 1, Next: "Array of jobs" }],
          Default: "One job",
        },
        "Array of jobs": submit(parts, { ArrayProperties: { "Size.$": "$.size" } }),
        "One job": submit(parts, {}),
        "Left to reduce": { Type: "Pass", Result: {}, End: true },
      },
    },
    Next: "Reduce",
  };
}

function submit({ partition, name }: MachineParts, more: Readonly<Record<string, StateJson>>): StateJson {
  return {
    Type: "Task",
    Resource: `arn:${partition}:states:::batch:submitJob.sync`,
    Parameters: {
      "JobName.$": "$.jobName",
      "JobQueue.$": "$.jobQueue",
      "JobDefinition.$": "$.jobDefinition",
      ...more,
      ContainerOverrides: { "Environment.$": "$.environment" },
      Timeout: { "AttemptDurationSeconds.$": "$.timeoutSeconds" },
      Tags: { [jobTags.deployment]: name },
      PropagateTags: true,
    },
    ResultSelector: {},
    Retry: [
      {
        ErrorEquals: ["Batch.ServerException", "Batch.AWSBatchException", "Batch.SdkClientException"],
        IntervalSeconds: 5,
        MaxAttempts: 8,
        BackoffRate: 2,
        JitterStrategy: "FULL",
      },
    ],
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: null, Next: "Left to reduce" }],
    End: true,
  };
}

function publish({ partition, topic }: MachineParts): StateJson {
  return {
    Type: "Task",
    Resource: `arn:${partition}:states:::sns:publish`,
    Parameters: { TopicArn: topic, "Subject.$": "$.notice.subject", "Message.$": "$.notice.message" },
    ResultPath: null,
    Retry: [
      { ErrorEquals: ["States.ALL"], IntervalSeconds: 5, MaxAttempts: 6, BackoffRate: 2, JitterStrategy: "FULL" },
    ],
    Next: "How did it go?",
  };
}
