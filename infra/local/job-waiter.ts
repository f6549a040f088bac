import {
  BatchClient,
  DescribeJobsCommand,
  SubmitJobCommand,
  TerminateJobCommand,
  type JobDetail,
  type SubmitJobCommandInput,
} from "@aws-sdk/client-batch";

/** A job that `batch:submitJob.sync` waited for has failed: the error that the state machine sees. */
class JobFailed extends Error {
  override readonly name = "States.TaskFailed";
}

/**
 * The service integration `batch:submitJob.sync`: submits a job with the real SDK and waits for its end, told by events
 * that may be late, double or lost, and by looking itself now and then.
 */
export class JobWaiter {
  private readonly client: BatchClient;
  private readonly waiting = new Map<string, (job: JobDetail) => void>();
  private readonly timer: NodeJS.Timeout;

  constructor(endpoint: string, { region, pollMs }: { readonly region: string; readonly pollMs: number }) {
    this.client = new BatchClient({ endpoint, region, maxAttempts: 1 });
    this.timer = setInterval(() => void this.look(), pollMs);
    this.timer.unref();
  }

  /** Takes an event of the service. */
  take(job: JobDetail): void {
    if (job.status === "SUCCEEDED" || job.status === "FAILED") this.waiting.get(job.jobId ?? "")?.(job);
  }

  /** @param parameters as the state machine writes them @param onSubmit called with the job's id */
  async run(parameters: object, onSubmit: (jobId: string) => void): Promise<object> {
    const request = withSmallKeys(parameters);
    const { jobId = "" } = await this.client.send(new SubmitJobCommand(request)).catch(renameError);
    onSubmit(jobId);
    const job = await new Promise<JobDetail>((resolve) => this.waiting.set(jobId, resolve));
    this.waiting.delete(jobId);
    if (job.status === "FAILED") throw new JobFailed(JSON.stringify({ JobId: jobId, StatusReason: job.statusReason }));
    return { JobId: jobId, JobName: job.jobName, Status: job.status };
  }

  /** What an abort of the execution does with a job that is waited for. */
  async abandon(jobId: string): Promise<void> {
    this.waiting.delete(jobId);
    await this.client.send(new TerminateJobCommand({ jobId, reason: "The execution was aborted" }));
  }

  end(): void {
    clearInterval(this.timer);
    this.client.destroy();
  }

  private async look(): Promise<void> {
    const ids = [...this.waiting.keys()];
    for (let from = 0; from < ids.length; from += 100) {
      const answer = await this.client
        .send(new DescribeJobsCommand({ jobs: ids.slice(from, from + 100) }))
        .catch(() => undefined);
      for (const job of answer?.jobs ?? []) this.take(job);
    }
  }
}

/** The state machine knows errors of the service by other names. */
function renameError(error: unknown): never {
  if (error instanceof Error) Object.defineProperty(error, "name", { value: `Batch.${error.name}` });
  throw error;
}

/** The state machine writes `JobName` where the API has `jobName`; keys of tags stay as they are. */
function withSmallKeys(parameters: object): SubmitJobCommandInput {
  const small = (value: unknown, key = ""): unknown => {
    if (Array.isArray(value)) return value.map((each) => small(each));
    if (typeof value !== "object" || value === null || key === "Tags") return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name.slice(0, 1).toLowerCase() + name.slice(1), small(each, name)]),
    );
  };
  const { jobName, jobQueue, jobDefinition, ...others } = asRecord(small(parameters));
  return {
    jobName: String(jobName),
    jobQueue: String(jobQueue),
    jobDefinition: String(jobDefinition),
    ...others,
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
