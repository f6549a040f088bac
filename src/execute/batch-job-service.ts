import {
  BatchClient,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  ListJobsCommand,
  TerminateJobCommand,
  type JobDetail,
  type JobSummary,
  type ListJobsCommandInput,
} from "@aws-sdk/client-batch";
import { batchLimits } from "../contract/batch-limits.ts";
import { jobStates, type JobFacts, type JobService, type JobState } from "./job-service.ts";

/**
 * Jobs of AWS Batch. Requests that are throttled are tried again by the SDK, at a rate that the service bears.
 * @param region absent = that of the environment or the AWS profile
 */
export function createBatchJobService(region?: string): JobService {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const client = new BatchClient({ retryMode: "adaptive", maxAttempts: 8, ...(region !== undefined && { region }) });
  return {
    list: (jobQueue, namePrefix) =>
      listAll(client, { jobQueue, filters: [{ name: "JOB_NAME", values: [`${namePrefix}*`] }] }),
    listChildren: (arrayJobId, jobStatus, limit) => listAll(client, { arrayJobId, jobStatus }, limit),
    async describe(jobIds) {
      const found: JobFacts[] = [];
      for (let from = 0; from < jobIds.length; from += batchLimits.maxDescribedJobs) {
        const jobs = jobIds.slice(from, from + batchLimits.maxDescribedJobs);
        const answer = await client.send(new DescribeJobsCommand({ jobs }));
        found.push(...(answer.jobs ?? []).map(factsOfDetail));
      }
      return found;
    },
    async terminate(jobId, reason) {
      await client.send(new TerminateJobCommand({ jobId, reason: reason.slice(0, 1024) }));
    },
  };
}

async function listAll(
  client: BatchClient,
  request: ListJobsCommandInput,
  limit = Number.POSITIVE_INFINITY,
): Promise<JobFacts[]> {
  const found: JobFacts[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new ListJobsCommand({ ...request, ...(nextToken !== undefined && { nextToken }) }));
    found.push(...(page.jobSummaryList ?? []).map(factsOfSummary));
    nextToken = page.nextToken;
  } while (nextToken !== undefined && found.length < limit);
  return found.slice(0, limit);
}

function factsOfSummary({
  jobId,
  jobName,
  status,
  statusReason,
  container,
  startedAt,
  stoppedAt,
}: JobSummary): JobFacts {
  return compact({
    jobId: jobId ?? "",
    jobName: jobName ?? "",
    status: stateOf(status),
    startedAt,
    stoppedAt,
    statusReason,
    exitCode: container?.exitCode,
    containerReason: container?.reason,
  });
}

function factsOfDetail(detail: JobDetail): JobFacts {
  const { container, attempts = [], arrayProperties } = detail;
  const last = attempts.at(-1)?.container;
  return compact({
    jobId: detail.jobId ?? "",
    jobName: detail.jobName ?? "",
    status: stateOf(detail.status),
    statusReason: detail.statusReason,
    exitCode: container?.exitCode ?? last?.exitCode,
    containerReason: container?.reason ?? last?.reason,
    children: arrayProperties?.statusSummary,
    // 0 = not started.
    startedAt: detail.startedAt || undefined,
    stoppedAt: detail.stoppedAt,
    logStreamNames: streamsOf(detail),
  });
}

/** The attempt that runs now is not among the attempts yet. */
function streamsOf({ attempts = [], container }: JobDetail): string[] | undefined {
  const names = [...attempts.map((attempt) => attempt.container?.logStreamName), container?.logStreamName];
  const known = new Set(names.flatMap((name) => name ?? []));
  return known.size === 0 ? undefined : [...known];
}

function compact(
  facts: { readonly [Key in keyof JobFacts]: JobFacts[Key] | undefined } & Required<JobNames>,
): JobFacts {
  const { jobId, jobName, status, ...others } = facts;
  const known = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return { jobId, jobName, status, ...known };
}

type JobNames = Pick<JobFacts, "jobId" | "jobName" | "status">;

function stateOf(status: string | undefined): JobState {
  return jobStates.find((state) => state === status) ?? "SUBMITTED";
}

/** State and status of some job queues, by name: `ENABLED VALID` is how they should be. */
export async function describeQueues(region: string, queueArns: readonly string[]): Promise<Record<string, string>> {
  const client = new BatchClient({ region, maxAttempts: 4 });
  const { jobQueues = [] } = await client.send(new DescribeJobQueuesCommand({ jobQueues: [...queueArns] }));
  return Object.fromEntries(
    jobQueues.map(({ jobQueueName, state, status }) => [jobQueueName ?? "", `${state} ${status}`]),
  );
}
