import type {
  AttemptDetail,
  JobDefinition,
  JobDetail,
  JobStatus,
  KeyValuePair,
  RetryStrategy,
  SubmitJobRequest,
} from "@aws-sdk/client-batch";
import type { ResourceNeeds } from "./fleet.ts";

/** A job definition as it is stored, with its revision. */
export type StoredDefinition = JobDefinition & {
  readonly jobDefinitionName: string;
  readonly jobDefinitionArn: string;
};

/** What all jobs are made from. */
export interface JobSource {
  readonly id: string;
  readonly arn: string;
  readonly request: SubmitJobRequest;
  readonly definition: StoredDefinition;
  /** Name of the queue. */
  readonly queue: string;
}

/** A job with one container: a single one, or the child of an array. */
export class BatchJob {
  status: JobStatus = "SUBMITTED";
  statusReason: string | undefined;
  readonly attempts: AttemptDetail[] = [];
  readonly createdAt = Date.now();
  startedAt: number | undefined;
  stoppedAt: number | undefined;
  runnableSince = 0;
  /** Why somebody ended it; it is not tried again then. */
  ending: { readonly reason: string; readonly kind: "cancelled" | "terminated" } | undefined;
  /** Ends the container that runs now. */
  stopContainer: (() => void) | undefined;
  logStreamName: string | undefined;

  constructor(
    readonly source: JobSource,
    /** Place in its array; absent = it is no child. */
    readonly index?: number,
  ) {}

  get id(): string {
    return this.index === undefined ? this.source.id : `${this.source.id}:${this.index}`;
  }

  get isOver(): boolean {
    return this.status === "SUCCEEDED" || this.status === "FAILED";
  }
}

/** An array job: all its children have the same definition and environment. */
export class ArrayJob {
  readonly children: readonly BatchJob[];
  readonly createdAt = Date.now();
  status: JobStatus = "PENDING";
  stoppedAt: number | undefined;
  statusReason: string | undefined;

  constructor(readonly source: JobSource) {
    const size = source.request.arrayProperties?.size ?? 0;
    this.children = Array.from({ length: size }, (_, index) => new BatchJob(source, index));
  }

  get id(): string {
    return this.source.id;
  }

  get isOver(): boolean {
    return this.status === "SUCCEEDED" || this.status === "FAILED";
  }

  get statusSummary(): Record<string, number> {
    const summary: Record<string, number> = {};
    for (const { status } of this.children) summary[status] = (summary[status] ?? 0) + 1;
    return summary;
  }
}

/** How often a job is tried, and after which ends again. */
export function retriesOf({ request, definition }: JobSource): RetryStrategy {
  return request.retryStrategy ?? definition.retryStrategy ?? { attempts: 1 };
}

/** What a job's container needs. */
export function needsOf({ request, definition }: JobSource): ResourceNeeds {
  const requirements = [
    ...(definition.containerProperties?.resourceRequirements ?? []),
    ...(request.containerOverrides?.resourceRequirements ?? []),
  ];
  const last = (type: string): number => Number(requirements.findLast((each) => each.type === type)?.value ?? 0);
  return { vcpus: last("VCPU"), memoryMebibytes: last("MEMORY"), gpus: last("GPU") };
}

/** The variables of a job's container, the service's own ones included. @param attempt from 1 */
export function environmentOf(job: BatchJob, attempt: number, environmentName: string): Record<string, string> {
  const { request, definition, queue } = job.source;
  const given = [
    ...(definition.containerProperties?.environment ?? []),
    ...(request.containerOverrides?.environment ?? []),
  ];
  return {
    ...Object.fromEntries(given.map(({ name, value }) => [name ?? "", value ?? ""])),
    AWS_BATCH_JOB_ID: job.id,
    AWS_BATCH_JOB_ATTEMPT: String(attempt),
    AWS_BATCH_JQ_NAME: queue,
    AWS_BATCH_CE_NAME: environmentName,
    ...(job.index === undefined ? {} : { AWS_BATCH_JOB_ARRAY_INDEX: String(job.index) }),
  };
}

/** A job as `DescribeJobs` shows it. */
export function detailOf(job: BatchJob | ArrayJob): JobDetail {
  const { request, definition, queue, arn } = job.source;
  const isArray = job instanceof ArrayJob;
  const environment: KeyValuePair[] = [...(request.containerOverrides?.environment ?? [])];
  return {
    jobArn: isArray || job.index === undefined ? arn : `${arn}:${job.index}`,
    jobId: job.id,
    jobName: request.jobName,
    jobQueue: `arn:aws:batch:us-east-1:000000000000:job-queue/${queue}`,
    jobDefinition: definition.jobDefinitionArn,
    status: job.status,
    ...(job.statusReason !== undefined && { statusReason: job.statusReason }),
    createdAt: job.createdAt,
    startedAt: (isArray ? undefined : job.startedAt) ?? 0,
    ...(job.stoppedAt !== undefined && { stoppedAt: job.stoppedAt }),
    dependsOn: request.dependsOn ?? [],
    tags: request.tags ?? {},
    retryStrategy: retriesOf(job.source),
    attempts: isArray ? [] : job.attempts,
    ...(isArray
      ? { arrayProperties: { size: job.children.length, statusSummary: job.statusSummary } }
      : {
          isCancelled: job.ending?.kind === "cancelled",
          isTerminated: job.ending?.kind === "terminated",
          ...(job.index !== undefined && { arrayProperties: { index: job.index } }),
          container: {
            image: definition.containerProperties?.image ?? "",
            environment,
            ...(job.logStreamName !== undefined && { logStreamName: job.logStreamName }),
            ...lastExit(job),
          },
        }),
  };
}

function lastExit({ attempts }: BatchJob): { exitCode?: number; reason?: string } {
  const { exitCode, reason } = attempts.at(-1)?.container ?? {};
  return { ...(exitCode !== undefined && { exitCode }), ...(reason !== undefined && { reason }) };
}
