/** An execution of the state machine, as its service tells. */
export interface ExecutionFacts {
  /** ARN. */
  readonly id: string;
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";
  /** Why it failed or was aborted. */
  readonly cause?: string;
  /** ISO 8601, UTC. */
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/** Starts, looks at and ends executions of one state machine. */
export interface ExecutionService {
  /** ARN of the execution of a name. */
  idOf(name: string): string;
  /**
   * Starts an execution. The same name and input again mean the same execution.
   * @returns `ended` if the name was used by one that has ended, or for something else
   */
  start(name: string, input: string): Promise<"started" | "ended">;
  /** undefined = there is no such execution. */
  describe(name: string): Promise<ExecutionFacts | undefined>;
  /** Ends an execution and the jobs that it waits for; one that has ended is left alone. */
  stop(name: string, cause: string): Promise<void>;
}
