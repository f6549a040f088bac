/** Limits of AWS Batch that plans, job definitions and the fake Batch hold to. */
export const batchLimits = {
  /** An array of one child is refused: a single job takes its place. */
  minArraySize: 2,
  maxArraySize: 10_000,
  /** Attempts of one job, the first one included. */
  maxAttempts: 10,
  /** Bytes of a job's container overrides as JSON. */
  maxOverridesBytes: 8 * 1024,
  /** Bytes of a whole SubmitJob request. */
  maxRequestBytes: 30 * 1024,
  maxDependencies: 20,
  /** Ids in one DescribeJobs request. */
  maxDescribedJobs: 100,
  /** Rules when an attempt is retried; none that matches means retry. */
  maxEvaluateOnExit: 5,
  minTimeoutSeconds: 60,
  jobName: /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/,
} as const;

const maxExperimentCharacters = 60;

/** Which job of a run. */
export interface JobPlace {
  readonly experiment: string;
  readonly runId: string;
  /** From 1; what is left after a round makes up the next one. */
  readonly round: number;
  /** From 0, within the round. */
  readonly chunk: number;
}

/** What the names of all jobs of a run begin with. */
export function jobNamePrefix({ experiment, runId }: Pick<JobPlace, "experiment" | "runId">): string {
  return `${experiment.slice(0, maxExperimentCharacters)}-${runId}-`;
}

/** The name of a job; keeps to the characters and the length that Batch allows. */
export function jobNameOf(place: JobPlace): string {
  return `${jobNamePrefix(place)}r${place.round}-c${place.chunk}`;
}
