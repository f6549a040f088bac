import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { AttemptDetail, JobDetail, RegisterJobDefinitionRequest, SubmitJobRequest } from "@aws-sdk/client-batch";
import { ArrayJob, BatchJob, detailOf, environmentOf, needsOf, retriesOf, type StoredDefinition } from "./batch-job.ts";
import { batchLimits, findDefinitionProblems, findSubmitProblems } from "./batch-limits.ts";
import type { ContainerRunner } from "./containers.ts";
import { evaluateOnExit, type AttemptEnd } from "./evaluate-on-exit.ts";
import { Fleet, type EnvironmentSettings, type Instance } from "./fleet.ts";
import { JobQueue, type QueueSettings } from "./job-queue.ts";
import { ReclaimTimer, type Reclaim, type ReclaimOf } from "./reclaim.ts";
import { Throttle } from "./throttle.ts";

/** The service refuses a request: the SDK throws an error of this name. */
export class BatchRefusal extends Error {
  constructor(
    override readonly name: "ClientException" | "TooManyRequestsException",
    message: string,
  ) {
    super(message);
  }
}

/** How the service behaves. */
export interface ServiceSettings {
  readonly environments: readonly EnvironmentSettings[];
  readonly queues: readonly QueueSettings[];
  readonly runner: ContainerRunner;
  /** From the wish for an instance until it runs containers; absent = none. */
  readonly launchMs?: number;
  /** From SIGTERM to SIGKILL when a job is terminated; 30 s at AWS. */
  readonly stopMs?: number;
  /** Which spot instances are taken back; absent = none. */
  readonly reclaimOf?: ReclaimOf;
  /** Called with every change of a job's state, in order. */
  readonly onChange?: (job: JobDetail) => void;
  /** The clock that requests a second are counted by; absent = this process'. */
  readonly nowMs?: () => number;
  /** Takes what containers print. */
  readonly onLine?: (logStreamName: string, line: string) => void;
}

type AnyJob = BatchJob | ArrayJob;

/** AWS Batch in memory: jobs, queues and instances, with the real service's limits and rules. */
export class BatchService {
  readonly jobs = new Map<string, AnyJob>();
  readonly definitions: StoredDefinition[] = [];
  readonly queues: ReadonlyMap<string, JobQueue>;
  readonly fleet: Fleet;
  /** Containers that run now. */
  running = 0;
  private readonly submits: Throttle;
  private readonly unfinished = new Map<string, number>();

  constructor(private readonly settings: ServiceSettings) {
    this.fleet = new Fleet(settings.environments, settings.launchMs ?? 0);
    this.submits = new Throttle(batchLimits.submitsPerSecond, settings.nowMs ?? (() => performance.now()));
    const start = (job: BatchJob, instance: Instance): void => void this.attempt(job, instance);
    const end = (job: BatchJob, reason: string): void => this.finish(job, "FAILED", reason);
    this.queues = new Map(
      settings.queues.map((queue) => [queue.name, new JobQueue(queue, this.fleet, { start, end })]),
    );
  }

  registerDefinition(request: RegisterJobDefinitionRequest): StoredDefinition {
    const problems = findDefinitionProblems(request);
    if (problems.length > 0) throw new BatchRefusal("ClientException", problems.join("; "));
    const jobDefinitionName = request.jobDefinitionName ?? "";
    const revision = 1 + this.definitions.filter((each) => each.jobDefinitionName === jobDefinitionName).length;
    const jobDefinitionArn = `arn:aws:batch:us-east-1:000000000000:job-definition/${jobDefinitionName}:${revision}`;
    const { containerProperties, retryStrategy, timeout } = request;
    const stored: StoredDefinition = {
      jobDefinitionName,
      jobDefinitionArn,
      revision,
      type: "container",
      status: "ACTIVE",
      ...(containerProperties !== undefined && { containerProperties }),
      ...(retryStrategy !== undefined && { retryStrategy }),
      ...(timeout !== undefined && { timeout }),
    };
    this.definitions.push(stored);
    return stored;
  }

  /** @param payloadBytes size of the request as it was sent */
  submit(request: SubmitJobRequest, payloadBytes: number): AnyJob {
    if (!this.submits.take()) throw new BatchRefusal("TooManyRequestsException", "Too Many Requests");
    const problems = findSubmitProblems(request, payloadBytes);
    const definition = this.findDefinition(request.jobDefinition ?? "");
    const queue = this.findQueue(request.jobQueue ?? "");
    if (definition === undefined) problems.push(`JobDefinition ${request.jobDefinition} does not exist`);
    if (queue === undefined) problems.push(`JobQueue ${request.jobQueue} does not exist`);
    for (const { jobId, type } of request.dependsOn ?? []) {
      if (type !== undefined) problems.push(`dependencies of type ${type} are not known to this double`);
      if (!this.jobs.has(jobId ?? "")) problems.push(`dependsOn names the unknown job ${jobId}`);
    }
    if (problems.length > 0 || definition === undefined || queue === undefined)
      throw new BatchRefusal("ClientException", problems.join("; "));
    const id = randomUUID();
    const arn = `arn:aws:batch:us-east-1:000000000000:job/${id}`;
    const source = { id, arn, request, definition, queue: queue.settings.name };
    const job = request.arrayProperties === undefined ? new BatchJob(source) : new ArrayJob(source);
    this.jobs.set(id, job);
    const children = job instanceof ArrayJob ? job.children : [job];
    this.unfinished.set(id, children.length);
    this.tell(job);
    void this.enqueue(children, queue, request);
    return job;
  }

  /** Jobs and children of arrays by their ids; unknown ones are left out. */
  find(ids: readonly string[]): AnyJob[] {
    if (ids.length > batchLimits.describedJobs)
      throw new BatchRefusal("ClientException", `at most ${batchLimits.describedJobs} jobs can be described at once`);
    return ids.flatMap((id) => this.lookUp(id) ?? []);
  }

  /** Ends a job, its children included: those that run get SIGTERM. */
  terminate(id: string, reason: string): void {
    for (const job of this.partsOf(id)) this.end(job, { reason, kind: "terminated" });
  }

  /** Ends a job that doesn't run yet; what runs is left alone. */
  cancel(id: string, reason: string): void {
    for (const job of this.partsOf(id))
      if (!["STARTING", "RUNNING"].includes(job.status)) this.end(job, { reason, kind: "cancelled" });
  }

  private partsOf(id: string): readonly BatchJob[] {
    const job = this.lookUp(id);
    if (job === undefined) throw new BatchRefusal("ClientException", `job ${id} does not exist`);
    return job instanceof ArrayJob ? job.children : [job];
  }

  private lookUp(id: string): AnyJob | undefined {
    const [parent = "", index] = id.split(":");
    const job = this.jobs.get(parent);
    if (index === undefined) return job;
    return job instanceof ArrayJob ? job.children[Number(index)] : undefined;
  }

  private findDefinition(reference: string): StoredDefinition | undefined {
    const name = reference.split("/").at(-1) ?? "";
    return this.definitions.findLast(
      ({ jobDefinitionName, revision }) => name === jobDefinitionName || name === `${jobDefinitionName}:${revision}`,
    );
  }

  private findQueue(reference: string): JobQueue | undefined {
    return this.queues.get(reference.split("/").at(-1) ?? "");
  }

  private async enqueue(children: readonly BatchJob[], queue: JobQueue, request: SubmitJobRequest): Promise<void> {
    const needed = (request.dependsOn ?? []).flatMap(({ jobId }) => this.jobs.get(jobId ?? "") ?? []);
    while (needed.some(({ isOver }) => !isOver)) await sleep(20);
    const isBlocked = needed.some(({ status }) => status === "FAILED");
    for (const job of children) {
      if (job.isOver) continue;
      if (isBlocked) this.finish(job, "FAILED", "Dependent Job failed");
      else this.makeRunnable(job, queue);
    }
    queue.schedule();
  }

  private makeRunnable(job: BatchJob, queue: JobQueue): void {
    job.status = "RUNNABLE";
    job.statusReason = undefined;
    this.tell(job);
    queue.add(job);
  }

  private end(job: BatchJob, ending: NonNullable<BatchJob["ending"]>): void {
    if (job.isOver || job.ending !== undefined) return;
    job.ending = ending;
    if (job.stopContainer === undefined && job.status !== "STARTING") this.finish(job, "FAILED", ending.reason);
    else job.stopContainer?.();
  }

  private async attempt(job: BatchJob, instance: Instance): Promise<void> {
    const needs = needsOf(job.source);
    const queue = this.queues.get(job.source.queue);
    const attempt = job.attempts.length + 1;
    job.status = "STARTING";
    job.logStreamName = `${job.source.definition.jobDefinitionName}/default/${randomUUID().replaceAll("-", "")}`;
    this.tell(job);
    await instance.isReady;
    const end = job.ending === undefined ? await this.runContainer(job, instance, attempt) : undefined;
    this.fleet.release(instance, needs);
    this.settle(job, end);
    queue?.schedule();
  }

  private async runContainer(job: BatchJob, instance: Instance, attempt: number): Promise<AttemptEnd> {
    const { runner, onLine } = this.settings;
    const { containerProperties } = job.source.definition;
    const { logStreamName = "" } = job;
    const startedAt = Date.now();
    job.status = "RUNNING";
    job.startedAt ??= startedAt;
    this.tell(job);
    const reclaim = new ReclaimTimer(this.reclaimFor(job, instance, attempt), instance);
    const container = await runner.start({
      image: containerProperties?.image ?? "",
      command: job.source.request.containerOverrides?.command ?? containerProperties?.command ?? [],
      environment: environmentOf(job, attempt, instance.environment.name),
      instance: { id: instance.id, metadataEndpoint: () => instance.metadataEndpoint() },
      onLine(line) {
        onLine?.(logStreamName, line);
        reclaim.take(line);
      },
    });
    this.running++;
    const kill = (): void => container.signal("SIGKILL");
    instance.lost.signal.addEventListener("abort", kill);
    job.stopContainer = () => {
      container.signal("SIGTERM");
      setTimeout(kill, this.settings.stopMs ?? 30_000).unref();
    };
    if (job.ending !== undefined) job.stopContainer();
    const timeLimit = this.limitTime(job);
    const ended = await container.ended;
    clearTimeout(timeLimit);
    reclaim.end();
    instance.lost.signal.removeEventListener("abort", kill);
    job.stopContainer = undefined;
    this.running--;
    const end = instance.lost.signal.aborted
      ? { statusReason: `Host EC2 (instance ${instance.id}) terminated.` }
      : ended;
    job.attempts.push(attemptDetail(end, { startedAt, stoppedAt: Date.now(), logStreamName }));
    return end;
  }

  private reclaimFor(job: BatchJob, { environment }: Instance, attempt: number): Reclaim | undefined {
    const { jobName = "" } = job.source.request;
    return environment.isSpot ? this.settings.reclaimOf?.({ jobName, index: job.index ?? 0, attempt }) : undefined;
  }

  private limitTime(job: BatchJob): NodeJS.Timeout | undefined {
    const { request, definition } = job.source;
    const seconds = (request.timeout ?? definition.timeout)?.attemptDurationSeconds;
    if (seconds === undefined) return undefined;
    const reason = "Job attempt duration exceeded timeout";
    return setTimeout(() => this.end(job, { reason, kind: "terminated" }), 1000 * seconds);
  }

  private settle(job: BatchJob, end: AttemptEnd | undefined): void {
    if (end?.exitCode === 0) return this.finish(job, "SUCCEEDED", end.statusReason);
    if (job.ending !== undefined || end === undefined) return this.finish(job, "FAILED", job.ending?.reason ?? "");
    const { attempts = 1, evaluateOnExit: rules = [] } = retriesOf(job.source);
    const queue = this.queues.get(job.source.queue);
    if (job.attempts.length >= attempts || evaluateOnExit(rules, end) === "EXIT" || queue === undefined)
      return this.finish(job, "FAILED", end.statusReason);
    this.makeRunnable(job, queue);
  }

  private finish(job: BatchJob, status: "SUCCEEDED" | "FAILED", reason: string): void {
    if (job.isOver) return;
    job.status = status;
    job.statusReason = reason;
    job.stoppedAt = Date.now();
    this.tell(job);
    const left = (this.unfinished.get(job.source.id) ?? 1) - 1;
    this.unfinished.set(job.source.id, left);
    const parent = this.jobs.get(job.source.id);
    if (left > 0 || !(parent instanceof ArrayJob)) return;
    // One failed child makes the whole array failed.
    parent.status = parent.children.some((child) => child.status === "FAILED") ? "FAILED" : "SUCCEEDED";
    parent.statusReason = parent.status === "FAILED" ? "Array Child Job failed" : "";
    parent.stoppedAt = Date.now();
    this.tell(parent);
  }

  private tell(job: AnyJob): void {
    this.settings.onChange?.(detailOf(job));
  }
}

function attemptDetail(
  { exitCode, reason, statusReason }: AttemptEnd,
  { startedAt, stoppedAt, logStreamName }: { startedAt: number; stoppedAt: number; logStreamName: string },
): AttemptDetail {
  const container = {
    ...(exitCode !== undefined && { exitCode }),
    ...(reason !== undefined && { reason }),
    logStreamName,
  };
  return { container, startedAt, stoppedAt, statusReason };
}
