import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { JobSummary, KeyValuesPair, ListJobsRequest } from "@aws-sdk/client-batch";
import { ArrayJob, detailOf, type BatchJob } from "./batch-job.ts";
import { BatchRefusal, type BatchService } from "./batch-service.ts";

type Body = Readonly<Record<string, unknown>>;

/** Calls of each operation. */
export type CallCounts = Record<string, number>;

/** An answer to a request of the Batch API. */
interface Answer {
  readonly status: number;
  readonly body: object;
  readonly errorType?: string;
}

/**
 * Answers a request as the HTTP API of AWS Batch does, which the real SDK speaks.
 * @param path e.g. `/v1/submitjob`
 * @returns undefined if the path is not one of Batch
 */
export function answerBatch(service: BatchService, path: string, text: string, calls: CallCounts): Answer | undefined {
  const operation = operations[path];
  if (operation === undefined) return undefined;
  const name = path.split("/").at(-1) ?? "";
  calls[name] = (calls[name] ?? 0) + 1;
  try {
    const body: Body = JSON.parse(text === "" ? "{}" : text);
    return { status: 200, body: operation(service, body, Buffer.byteLength(text)) };
  } catch (error) {
    if (!(error instanceof BatchRefusal)) throw error;
    const status = error.name === "TooManyRequestsException" ? 429 : 400;
    return { status, body: { message: error.message }, errorType: error.name };
  }
}

const operations: Readonly<Record<string, (service: BatchService, body: Body, bytes: number) => object>> = {
  "/v1/registerjobdefinition"(service, body) {
    const { jobDefinitionArn, jobDefinitionName, revision } = service.registerDefinition({
      jobDefinitionName: undefined,
      type: undefined,
      ...body,
    });
    return { jobDefinitionArn, jobDefinitionName, revision };
  },
  "/v1/submitjob"(service, body, bytes) {
    const job = service.submit({ jobName: undefined, jobQueue: undefined, jobDefinition: undefined, ...body }, bytes);
    return { jobArn: job.source.arn, jobId: job.id, jobName: job.source.request.jobName };
  },
  "/v1/describejobs": (service, body) => ({ jobs: service.find(strings(body["jobs"])).map(detailOf) }),
  "/v1/terminatejob"(service, body) {
    service.terminate(String(body["jobId"]), requireReason(body));
    return {};
  },
  "/v1/canceljob"(service, body) {
    service.cancel(String(body["jobId"]), requireReason(body));
    return {};
  },
  "/v1/listjobs": (service, body) => listJobs(service, body),
  "/v1/describejobdefinitions": (service) => ({ jobDefinitions: service.definitions }),
  "/v1/describejobqueues": (service) => ({
    jobQueues: [...service.queues.values()].map(({ settings }) => ({
      jobQueueName: settings.name,
      jobQueueArn: `arn:aws:batch:us-east-1:000000000000:job-queue/${settings.name}`,
      state: "ENABLED",
      status: "VALID",
      priority: 1,
      computeEnvironmentOrder: settings.computeEnvironments.map((computeEnvironment, order) => ({
        order,
        computeEnvironment,
      })),
    })),
  }),
};

function listJobs(
  service: BatchService,
  request: ListJobsRequest,
): { jobSummaryList: JobSummary[]; nextToken?: string } {
  const { jobQueue, arrayJobId, jobStatus = "RUNNING", maxResults = 100, nextToken, filters = [] } = request;
  if ((jobQueue === undefined) === (arrayJobId === undefined))
    throw new BatchRefusal("ClientException", "name either jobQueue or arrayJobId");
  const queue = jobQueue?.split("/").at(-1);
  const array = service.jobs.get(arrayJobId ?? "");
  const all: readonly (BatchJob | ArrayJob)[] =
    arrayJobId === undefined
      ? [...service.jobs.values()].filter(({ source }) => source.queue === queue)
      : array instanceof ArrayJob
        ? array.children
        : [];
  // With a filter the status doesn't count.
  const found = all.filter((job) =>
    filters.length === 0 ? job.status === jobStatus : filters.every((filter) => passes(job, filter)),
  );
  const from = Number(nextToken ?? 0);
  const to = from + Math.min(maxResults, 100);
  const jobSummaryList = found.slice(from, to).map((job): JobSummary => {
    const { jobArn, jobId, jobName, status, statusReason = "", createdAt = 0, ...times } = detailOf(job);
    const { startedAt, stoppedAt } = times;
    return compact({ jobArn, jobId, jobName, status, statusReason, createdAt, startedAt, stoppedAt });
  });
  return { jobSummaryList, ...(to < found.length && { nextToken: String(to) }) };
}

function compact(
  summary: {
    readonly [Key in keyof JobSummary]: JobSummary[Key] | undefined;
  },
): JobSummary {
  const known = Object.fromEntries(Object.entries(summary).filter(([, value]) => value !== undefined && value !== 0));
  return { jobId: summary.jobId, jobName: summary.jobName, ...known };
}

function passes({ source }: BatchJob | ArrayJob, { name, values = [] }: KeyValuesPair): boolean {
  if (name !== "JOB_NAME") throw new BatchRefusal("ClientException", `the filter ${name} is not known to this double`);
  const jobName = source.request.jobName?.toLowerCase() ?? "";
  return values.some((value) => {
    const wanted = value.toLowerCase();
    return wanted.endsWith("*") ? jobName.startsWith(wanted.slice(0, -1)) : jobName === wanted;
  });
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function requireReason(body: Body): string {
  const { reason } = body;
  if (typeof reason !== "string" || reason === "" || reason.length > 1024)
    throw new BatchRefusal("ClientException", "reason must have 1 to 1,024 characters");
  return reason;
}

/** Serves a Batch service on a free port. @returns its address and how to stop it */
export async function serveBatch(
  service: BatchService,
): Promise<{ readonly endpoint: string; readonly calls: CallCounts; readonly stop: () => void }> {
  const calls: CallCounts = {};
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const answer = answerBatch(service, request.url ?? "", text, calls);
      send(response, answer ?? { status: 404, body: { message: `no operation ${request.url}` } });
    });
  });
  return { ...(await listenHere(server)), calls };
}

/** Lets a server listen on a free port of this machine. @returns its address and how to stop it */
export async function listenHere(server: Server): Promise<{ readonly endpoint: string; readonly stop: () => void }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { endpoint: `http://127.0.0.1:${port}`, stop };
}

/** All that a request carries. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString("utf8");
}

/** Sends an answer as AWS does. */
export function send(response: ServerResponse, { status, body, errorType }: Answer): void {
  const headers = { "content-type": "application/json", ...(errorType && { "x-amzn-errortype": errorType }) };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
