import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { answerBatch, listenHere, readBody, send, type CallCounts } from "./batch/batch-server.ts";
import type { BatchService } from "./batch/batch-service.ts";
import type { Execution, Machine } from "./machine.ts";

type Body = Readonly<Record<string, unknown>>;

/** A line that a container printed. */
export interface LogLine {
  readonly timestamp: number;
  readonly message: string;
}

/** The services behind one address. */
export interface CloudServices {
  readonly batch: BatchService;
  /** Set once it is there. */
  machine?: Machine;
  /** Of all containers. */
  readonly logGroup: string;
  /** By stream. */
  readonly logs: ReadonlyMap<string, readonly LogLine[]>;
}

/** Serves Batch, Step Functions and CloudWatch Logs as the real SDK speaks them, on one free port. */
export async function serveCloud(
  services: CloudServices,
): Promise<{ readonly endpoint: string; readonly calls: CallCounts; readonly stop: () => void }> {
  const calls: CallCounts = {};
  const server = createServer((request, response) => {
    void readBody(request)
      .then((text) => answer(services, { request, response, text, calls }))
      .catch((error: unknown) => {
        send(response, { status: 500, body: { message: String(error) }, errorType: "ServerException" });
      });
  });
  return { ...(await listenHere(server)), calls };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly text: string;
  readonly calls: CallCounts;
}

async function answer(services: CloudServices, { request, response, text, calls }: Exchange): Promise<void> {
  const ofBatch = answerBatch(services.batch, request.url ?? "", text, calls);
  if (ofBatch !== undefined) return send(response, ofBatch);
  const target = String(request.headers["x-amz-target"] ?? "");
  calls[target] = (calls[target] ?? 0) + 1;
  const operation = operations[target];
  if (operation === undefined) return send(response, { status: 404, body: { message: `no operation ${target}` } });
  try {
    const body: Body = JSON.parse(text === "" ? "{}" : text);
    send(response, { status: 200, body: await operation(services, body) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    send(response, { status: 400, body: { __type: error.name, message: error.message }, errorType: error.name });
  }
}

class Refusal extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

type Operation = (services: CloudServices, body: Body) => Promise<object> | object;

const operations: Readonly<Record<string, Operation>> = {
  async "AWSStepFunctions.StartExecution"({ machine }, { name, input }) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(String(name))) throw new Refusal("InvalidName", `${String(name)} is no name`);
    const execution = await machine?.start(String(name), textOf(input, "{}"));
    if (execution === undefined)
      throw new Refusal("ExecutionAlreadyExists", `Execution Already Exists: '${String(name)}'`);
    return { executionArn: execution.arn, startDate: execution.startDate.getTime() / 1000 };
  },
  "AWSStepFunctions.DescribeExecution"({ machine }, { executionArn }) {
    const execution = machine?.executions.get(String(executionArn));
    if (execution === undefined)
      throw new Refusal("ExecutionDoesNotExist", `Execution Does Not Exist: '${String(executionArn)}'`);
    return describeExecution(execution);
  },
  async "AWSStepFunctions.StopExecution"({ machine }, { executionArn, cause }) {
    if (machine?.executions.has(String(executionArn)) !== true)
      throw new Refusal("ExecutionDoesNotExist", `Execution Does Not Exist: '${String(executionArn)}'`);
    await machine.stop(String(executionArn), textOf(cause, "stopped by a person"));
    return { stopDate: Date.now() / 1000 };
  },
  "Logs_20140328.GetLogEvents"({ logs, logGroup }, { logGroupName, logStreamName, nextToken, limit = 10_000 }) {
    if (logGroupName !== logGroup)
      throw new Refusal("ResourceNotFoundException", "The specified log group does not exist.");
    const lines = logs.get(String(logStreamName));
    if (lines === undefined) throw new Refusal("ResourceNotFoundException", "The specified log stream does not exist.");
    const from = Number(textOf(nextToken, "f/0").slice(2));
    // Fewer than asked for, as the service may.
    const events = lines.slice(from, from + Math.min(Number(limit), 7));
    return { events, nextForwardToken: `f/${from + events.length}`, nextBackwardToken: `b/${from}` };
  },
};

function describeExecution({ arn, name, input, startDate, status, stopDate, output, cause }: Execution): object {
  return {
    executionArn: arn,
    name,
    input,
    startDate: startDate.getTime() / 1000,
    status,
    stateMachineArn: arn.replace(":execution:", ":stateMachine:").replace(/:[^:]*$/, ""),
    ...(stopDate && { stopDate: stopDate.getTime() / 1000 }),
    ...(output !== undefined && { output }),
    ...(cause !== undefined && { cause, error: "RunFailed" }),
  };
}
