import { pathToFileURL } from "node:url";
import path from "node:path";
import { cloudFunctions, type CloudFunction } from "../../src/contract/run-machine.ts";
import type { JobWaiter } from "./job-waiter.ts";
import { loadStepFunctions, type Execution as LocalExecution } from "./load-step-functions.ts";
import type { TemplateParts } from "./template-parts.ts";

/** A state of the definition, as far as it is looked at. */
interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly ItemProcessor?: { readonly States: Readonly<Record<string, State>> };
}

/** An execution of the machine. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly input: string;
  readonly startDate: Date;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";
  stopDate?: Date;
  output?: string;
  cause?: string;
  /** States that were entered: what AWS charges for. */
  transitions: number;
  /** Size of the largest input of a state. */
  largestInputBytes: number;
  /** Resolves when it has ended, and what comes after the end is done. */
  readonly ended: Promise<void>;
}

/** A message to the topic. */
export interface Message {
  readonly subject: string;
  readonly message: string;
}

/** A call of a Lambda function. */
export interface Invocation {
  readonly name: string;
  readonly ms: number;
}

/** How the machine behaves. */
export interface MachineSettings {
  readonly parts: TemplateParts;
  readonly definition: { readonly States: Readonly<Record<string, State>> };
  readonly machineArn: string;
  readonly jobs: JobWaiter;
  /** In place of the times of Wait states; absent = as they say. */
  readonly waitMs?: number;
  /** Whether an abort ends the jobs that are waited for, as the service does; absent = yes. */
  readonly terminatesOnAbort?: boolean;
  /** In place of the bundled functions, by name; absent = the bundles. */
  readonly functions?: Readonly<Record<CloudFunction, (event: unknown) => Promise<unknown>>>;
}

const maxPayloadBytes = 256 * 1024;

/** Executes the synthesised state machine; its tasks call the bundled functions, Batch and the topic. */
export class Machine {
  readonly executions = new Map<string, Execution>();
  readonly messages: Message[] = [];
  readonly invocations: Invocation[] = [];
  private readonly running = new Map<string, { readonly local: LocalExecution; readonly jobIds: Set<string> }>();

  constructor(private readonly settings: MachineSettings) {}

  /**
   * Starts an execution. The same name and input again mean the one that runs.
   * @returns undefined if the name was used for something else, or for one that has ended
   */
  async start(name: string, input: string): Promise<Execution | undefined> {
    const arn = `${this.settings.machineArn.replace(":stateMachine:", ":execution:")}:${name}`;
    const there = this.executions.get(arn);
    if (there !== undefined) return there.status === "RUNNING" && there.input === input ? there : undefined;
    let settle: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const execution: Execution = {
      arn,
      name,
      input,
      startDate: new Date(),
      status: "RUNNING",
      transitions: 0,
      largestInputBytes: 0,
      ended,
    };
    this.executions.set(arn, execution);
    void this.run(execution).finally(settle);
    return execution;
  }

  /** Aborts an execution that runs. */
  async stop(arn: string, cause = "stopped by a person"): Promise<void> {
    const execution = this.executions.get(arn);
    const running = this.running.get(arn);
    if (execution === undefined || running === undefined || execution.status !== "RUNNING") return;
    execution.status = "ABORTED";
    execution.cause = cause;
    running.local.abort();
    if (this.settings.terminatesOnAbort !== false)
      await Promise.all([...running.jobIds].map((jobId) => this.settings.jobs.abandon(jobId)));
    await execution.ended;
  }

  private async run(execution: Execution): Promise<void> {
    const { definition, waitMs, jobs } = this.settings;
    const { StateMachine } = await loadStepFunctions();
    const jobIds = new Set<string>();
    const machine = new StateMachine(withTimeLimits(definition), { validationOptions: { checkArn: false } });
    const local = machine.run(JSON.parse(execution.input), {
      overrides: {
        taskResourceLocalHandlers: this.handlersOf(definition.States, (parameters) => {
          let own = "";
          return jobs
            .run(parameters, (jobId) => {
              own = jobId;
              jobIds.add(jobId);
              // Aborted between the request and its answer.
              if (execution.status === "ABORTED" && this.settings.terminatesOnAbort !== false) void jobs.abandon(jobId);
            })
            .finally(() => jobIds.delete(own));
        }),
        ...(waitMs !== undefined && { waitTimeOverrides: waitsOf(definition.States, waitMs) }),
      },
      context: {
        Execution: {
          Id: execution.arn,
          Name: execution.name,
          StartTime: execution.startDate.toISOString(),
          Input: JSON.parse(execution.input),
        },
      },
    });
    this.running.set(execution.arn, { local, jobIds });
    const counted = this.count(execution, local);
    try {
      const output = await local.result;
      execution.status = "SUCCEEDED";
      execution.output = JSON.stringify(output);
    } catch (error) {
      if (execution.status === "RUNNING") {
        execution.status = "FAILED";
        execution.cause = error instanceof Error ? error.message : String(error);
      }
    }
    await counted;
    execution.stopDate = new Date();
    this.running.delete(execution.arn);
    if (execution.status !== "SUCCEEDED") await this.cleanUp(execution);
  }

  private async count(execution: Execution, { eventLogs }: LocalExecution): Promise<void> {
    for await (const event of eventLogs) {
      if (event.type !== "StateEntered") continue;
      execution.transitions++;
      const bytes = Buffer.byteLength(JSON.stringify(event.state?.input ?? null));
      execution.largestInputBytes = Math.max(execution.largestInputBytes, bytes);
    }
  }

  private handlersOf(
    states: Readonly<Record<string, State>>,
    runJob: (parameters: object) => Promise<object>,
  ): Record<string, (parameters: object) => Promise<unknown>> {
    const handlers: Record<string, (parameters: object) => Promise<unknown>> = {};
    for (const [name, { Resource = "", ItemProcessor }] of Object.entries(states)) {
      if (ItemProcessor !== undefined) Object.assign(handlers, this.handlersOf(ItemProcessor.States, runJob));
      else if (Resource.endsWith(":lambda:invoke")) handlers[name] = (parameters) => this.invoke(name, parameters);
      else if (Resource.endsWith(":batch:submitJob.sync")) handlers[name] = runJob;
      else if (Resource.endsWith(":sns:publish")) handlers[name] = (parameters) => this.publish(parameters);
    }
    return handlers;
  }

  private async invoke(name: string, parameters: object): Promise<object> {
    const { FunctionName, Payload } = Object.fromEntries(Object.entries(parameters));
    return { Payload: await this.call(name, String(FunctionName), Payload) };
  }

  /** Calls the function's bundle as Lambda does, with its environment. */
  private async call(name: string, functionName: string, payload: unknown): Promise<unknown> {
    const handler = await this.handlerOf(functionName);
    const event: unknown = JSON.parse(checkedText(name, payload));
    const beganMs = performance.now();
    const result = await handler(event);
    this.invocations.push({ name, ms: performance.now() - beganMs });
    return JSON.parse(checkedText(name, result));
  }

  private async handlerOf(functionName: string): Promise<(event: unknown) => Promise<unknown>> {
    const { parts, functions } = this.settings;
    const own = functions && cloudFunctions.find((name) => functionName === parts.functionNamed(name));
    if (functions !== undefined && own !== undefined) return functions[own];
    const { folder, environment } = parts.functionOf(functionName);
    Object.assign(process.env, environment);
    const loaded: { readonly handler: (event: unknown) => Promise<unknown> } = await import(
      pathToFileURL(path.join(folder, "index.mjs")).href
    );
    return loaded.handler;
  }

  private publish(parameters: object): Promise<object> {
    const { Subject, Message } = Object.fromEntries(Object.entries(parameters));
    const [subject, message] = [String(Subject), String(Message)];
    if (!/^[\x20-\x7e]{1,100}$/.test(subject)) throw new Error(`the topic refuses the subject "${subject}"`);
    if (Buffer.byteLength(message) > maxPayloadBytes) throw new Error("the topic refuses so long a message");
    this.messages.push({ subject, message });
    return Promise.resolve({ MessageId: String(this.messages.length) });
  }

  /** What the rule on executions that have not succeeded calls. */
  private async cleanUp({ arn, name, status, input, startDate, cause }: Execution): Promise<void> {
    const detail = { executionArn: arn, name, status, input, startDate: startDate.getTime(), cause: cause ?? null };
    const event = { "detail-type": "Step Functions Execution Status Change", detail };
    await this.call("Cleanup", this.settings.parts.functionNamed("cleanup"), event);
  }
}

/** Tasks without a time limit have none at AWS, and one of a minute in the library. */
function withTimeLimits(value: unknown): object {
  const add = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(add);
    if (typeof part !== "object" || part === null) return part;
    const entries = Object.entries(part).map(([key, each]) => [key, add(each)] as const);
    const isTask = "Type" in part && part.Type === "Task" && !("TimeoutSeconds" in part);
    return Object.fromEntries(isTask ? [...entries, ["TimeoutSeconds", 2_000_000]] : entries);
  };
  return Object(add(value));
}

function waitsOf(states: Readonly<Record<string, State>>, waitMs: number): Record<string, number> {
  const names = Object.entries(states).flatMap(([name, { Type }]) => (Type === "Wait" ? [name] : []));
  return Object.fromEntries(names.map((name) => [name, waitMs]));
}

function checkedText(name: string, payload: unknown): string {
  const text = JSON.stringify(payload);
  if (Buffer.byteLength(text) > maxPayloadBytes) throw new Error(`what ${name} carries is larger than 256 KiB`);
  return text;
}
