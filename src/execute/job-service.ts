/** A job, or a child of an array, as its service tells. */
export interface JobFacts {
  /** Of a child: `<id of the array>:<index>`. */
  readonly jobId: string;
  readonly jobName: string;
  readonly status: JobState;
  /** Why it is where it is, in the service's words. */
  readonly statusReason?: string;
  /** Of the last attempt. */
  readonly exitCode?: number;
  readonly containerReason?: string;
  /** Of an array: how many children are in which state. */
  readonly children?: Readonly<Partial<Record<JobState, number>>>;
  /** Milliseconds since 1970. */
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  /** Of each attempt whose container was started, oldest first. */
  readonly logStreamNames?: readonly string[];
}

/** States of a job, in the order in which it goes through them. */
export const jobStates = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"] as const;

/** One of them. */
export type JobState = (typeof jobStates)[number];

/** Looks at jobs and ends them; only the state machine submits them. */
export interface JobService {
  /** The jobs in a queue whose names begin with a prefix; arrays without their children. */
  list(queue: string, namePrefix: string): Promise<JobFacts[]>;
  /** The children of an array that are in a state. @param limit no more than that many are looked for */
  listChildren(arrayId: string, state: JobState, limit?: number): Promise<JobFacts[]>;
  /** All that is known about some jobs, however many. */
  describe(jobIds: readonly string[]): Promise<JobFacts[]>;
  /** Ends a job and its children: what runs is told to stop, and killed half a minute later. */
  terminate(jobId: string, reason: string): Promise<void>;
}
