import {
  BatchClient,
  DescribeJobsCommand,
  ListJobsCommand,
  SubmitJobCommand,
  TerminateJobCommand,
  type SubmitJobCommandInput,
} from "@aws-sdk/client-batch";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { serveBatch } from "../../../infra/local/batch/batch-server.ts";
import { BatchService, type ServiceSettings } from "../../../infra/local/batch/batch-service.ts";
import type { Container, ContainerRequest, ContainerRunner } from "../../../infra/local/batch/containers.ts";
import { evaluateOnExit, type AttemptEnd } from "../../../infra/local/batch/evaluate-on-exit.ts";
import { EventLine } from "../../../infra/local/batch/event-line.ts";

const exited = (exitCode: number): AttemptEnd => ({ exitCode, statusReason: "Essential container in task exited" });

/** Containers that end as a test says; `undefined` = only by a signal. */
class FakeContainers implements ContainerRunner {
  readonly started: ContainerRequest[] = [];

  constructor(private readonly endOf: (request: ContainerRequest, attempt: number) => AttemptEnd | undefined) {}

  start(request: ContainerRequest): Container {
    this.started.push(request);
    let settle: (end: AttemptEnd) => void = () => undefined;
    const ended = new Promise<AttemptEnd>((resolve) => {
      settle = resolve;
    });
    const end = this.endOf(request, Number(request.environment["AWS_BATCH_JOB_ATTEMPT"]));
    if (end !== undefined) setTimeout(() => settle(end), 1);
    return { ended, signal: (signal) => settle(exited(signal === "SIGTERM" ? 143 : 137)) };
  }
}

const retryRules = [
  { onStatusReason: "Host EC2*", action: "RETRY" },
  { onExitCode: "75", action: "RETRY" },
  { onReason: "*", action: "EXIT" },
] as const;

async function start(endOf: ConstructorParameters<typeof FakeContainers>[0], changes: Partial<ServiceSettings> = {}) {
  const containers = new FakeContainers(endOf);
  const instance = { type: "g4dn.xlarge", vcpus: 4, memoryMebibytes: 14_500, gpus: 1 };
  const service = new BatchService({
    environments: [{ name: "spot", isSpot: true, maxvCpus: 4000, instance }],
    queues: [{ name: "adhoc", computeEnvironments: ["spot"] }],
    runner: containers,
    stopMs: 50,
    ...changes,
  });
  service.registerDefinition({
    jobDefinitionName: "gpu-1",
    type: "container",
    containerProperties: {
      image: "trainer",
      environment: [{ name: "NIGHTSWEEP_ENGINE", value: "tensorflow" }],
      resourceRequirements: [
        { type: "VCPU", value: "4" },
        { type: "MEMORY", value: "14000" },
        { type: "GPU", value: "1" },
      ],
    },
    retryStrategy: { attempts: 3, evaluateOnExit: [...retryRules] },
  });
  const server = await serveBatch(service);
  onTestFinished(server.stop);
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  const client = new BatchClient({ endpoint: server.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  const submit = (more: Partial<SubmitJobCommandInput> = {}) =>
    client.send(new SubmitJobCommand({ jobName: "job", jobQueue: "adhoc", jobDefinition: "gpu-1", ...more }));
  const describeJob = async (jobId: string) =>
    (await client.send(new DescribeJobsCommand({ jobs: [jobId] }))).jobs?.[0];
  const ended = async (jobId = "") => {
    for (;;) {
      const job = await describeJob(jobId);
      if (job?.status === "SUCCEEDED" || job?.status === "FAILED") return job;
      await sleep(5);
    }
  };
  return { service, containers, client, submit, describeJob, ended };
}

describe("a job of the fake Batch", () => {
  test("gets the variables of its definition, its overrides and the service, and nothing else", async () => {
    const { containers, submit, ended } = await start(() => exited(0));

    const { jobId } = await submit({
      arrayProperties: { size: 2 },
      containerOverrides: { environment: [{ name: "NIGHTSWEEP_PLAN", value: "plan.json" }] },
    });
    await ended(jobId);

    expect(containers.started.map(({ environment }) => environment)).toEqual(
      [0, 1].map((index) => ({
        NIGHTSWEEP_ENGINE: "tensorflow",
        NIGHTSWEEP_PLAN: "plan.json",
        AWS_BATCH_JOB_ID: `${jobId}:${index}`,
        AWS_BATCH_JOB_ATTEMPT: "1",
        AWS_BATCH_JOB_ARRAY_INDEX: String(index),
        AWS_BATCH_JQ_NAME: "adhoc",
        AWS_BATCH_CE_NAME: "spot",
      })),
    );
  });

  test("is tried again after an end that a rule says to retry, and not after others", async () => {
    const { submit, ended } = await start((_, attempt) => exited(attempt === 1 ? 75 : 1));

    const job = await ended((await submit()).jobId);

    expect(job.status).toBe("FAILED");
    expect(job.attempts?.map(({ container }) => container?.exitCode)).toEqual([75, 1]);
  });

  test("fails when its attempts are used up", async () => {
    const { submit, ended } = await start(() => exited(75));

    const job = await ended((await submit()).jobId);

    expect([job.status, job.attempts?.length]).toEqual(["FAILED", 3]);
  });

  test("of which one child fails makes the whole array fail, with the counts of its children", async () => {
    const { submit, ended } = await start(({ environment }) =>
      exited(environment["AWS_BATCH_JOB_ARRAY_INDEX"] === "1" ? 1 : 0),
    );

    const job = await ended((await submit({ arrayProperties: { size: 4 } })).jobId);

    expect(job.status).toBe("FAILED");
    expect(job.arrayProperties?.statusSummary).toMatchObject({ SUCCEEDED: 3, FAILED: 1 });
  });

  test("that is terminated gets SIGTERM and is not tried again", async () => {
    const { client, submit, ended, describeJob } = await start(() => undefined);
    const { jobId = "" } = await submit();
    while ((await describeJob(jobId))?.status !== "RUNNING") await sleep(5);

    await client.send(new TerminateJobCommand({ jobId, reason: "enough" }));

    expect(await ended(jobId)).toMatchObject({ status: "FAILED", statusReason: "enough", isTerminated: true });
  });

  test("whose spot instance is taken back has no exit code, only a notice and the reason", async () => {
    const asked: string[] = [];
    const { submit, ended, containers } = await start((_, attempt) => (attempt === 1 ? undefined : exited(0)), {
      reclaimOf: ({ attempt }) => (attempt === 1 ? { after: { ms: 10 }, noticeMs: 150 } : undefined),
    });
    const { jobId } = await submit();
    while (containers.started.length === 0) await sleep(2);
    const endpoint = (await containers.started[0]?.instance.metadataEndpoint()) ?? "";
    const token = await (
      await fetch(`${endpoint}/latest/api/token`, {
        method: "PUT",
        headers: { "X-aws-ec2-metadata-token-ttl-seconds": "60" },
      })
    ).text();
    while (!asked.at(-1)?.startsWith("200")) {
      const headers = { "X-aws-ec2-metadata-token": token };
      const answer = await fetch(`${endpoint}/latest/meta-data/spot/instance-action`, { headers });
      asked.push(`${answer.status} ${await answer.text()}`);
    }

    const job = await ended(jobId);

    expect((await fetch(`${endpoint}/latest/meta-data/spot/instance-action`).catch(() => undefined))?.status).not.toBe(
      200,
    );
    expect(asked.at(-1)).toMatch(/^200 \{"action":"terminate","time":"\d{4}-.*Z"\}$/);
    expect(job.status).toBe("SUCCEEDED");
    expect(job.attempts?.[0]).toMatchObject({
      statusReason: expect.stringMatching(/^Host EC2 \(instance i-.*\) terminated/),
    });
    expect(job.attempts?.[0]?.container?.exitCode).toBeUndefined();
  });

  test("that depends on one that fails never runs", async () => {
    const { submit, ended, containers } = await start(() => exited(1));
    const first = await submit();

    const second = await submit({ dependsOn: [{ jobId: first.jobId }] });

    expect(await ended(second.jobId)).toMatchObject({ status: "FAILED", statusReason: "Dependent Job failed" });
    expect(containers.started).toHaveLength(1);
  });

  test.each([
    ["more memory than any instance has", { memoryMebibytes: 1 }, "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"],
    ["an instance that AWS has none of", { hasCapacity: false }, "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"],
    ["more vCPUs than are allowed", { maxvCpus: 2 }, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"],
  ])(
    "that needs %s waits in RUNNABLE with the reason, and is ended at the time limit for it",
    async (_, change, reason) => {
      const { memoryMebibytes = 14_500, ...others } = { memoryMebibytes: undefined, ...change };
      const instance = { type: "g4dn.xlarge", vcpus: 4, memoryMebibytes: memoryMebibytes ?? 14_500, gpus: 1 };
      const { submit, ended, describeJob } = await start(() => exited(0), {
        environments: [{ name: "spot", isSpot: true, maxvCpus: 16, instance, ...others }],
        queues: [{ name: "adhoc", computeEnvironments: ["spot"], stateTimeLimits: [{ reason, maxMs: 100 }] }],
      });

      const { jobId = "" } = await submit();

      await sleep(10);
      expect(await describeJob(jobId)).toMatchObject({
        status: "RUNNABLE",
        statusReason: expect.stringContaining(reason),
      });
      expect((await ended(jobId)).statusReason).toContain(reason);
    },
  );
});

describe("the fake Batch refuses", () => {
  test.each<[string, Partial<SubmitJobCommandInput>, string]>([
    ["an array of one", { arrayProperties: { size: 1 } }, "between 2 and 10000"],
    ["an array of 10,001", { arrayProperties: { size: 10_001 } }, "between 2 and 10000"],
    ["eleven attempts", { retryStrategy: { attempts: 11 } }, "between 1 and 10"],
    [
      "six rules",
      {
        retryStrategy: { attempts: 2, evaluateOnExit: Array.from({ length: 6 }, () => ({ action: "EXIT" as const })) },
      },
      "at most 5",
    ],
    ["21 dependencies", { dependsOn: Array.from({ length: 21 }, () => ({ jobId: "x" })) }, "at most 20"],
    ["a name with a dot", { jobName: "a.b" }, "must match"],
    ["a name of 129 characters", { jobName: "a".repeat(129) }, "must match"],
    [
      "overrides of 9 KiB",
      { containerOverrides: { environment: [{ name: "A", value: "x".repeat(9 * 1024) }] } },
      "8 KiB",
    ],
    ["a request of 31 KiB", { parameters: { a: "x".repeat(31 * 1024) } }, "30 KiB"],
    [
      "a variable of its own",
      { containerOverrides: { environment: [{ name: "AWS_BATCH_X", value: "1" }] } },
      "reserved",
    ],
    ["a time limit of 59 s", { timeout: { attemptDurationSeconds: 59 } }, "at least 60"],
    ["an unknown queue", { jobQueue: "nowhere" }, "does not exist"],
    ["an unknown definition", { jobDefinition: "nothing" }, "does not exist"],
  ])("%s", async (_, request, message) => {
    const { submit } = await start(() => exited(0));

    await expect(submit(request)).rejects.toMatchObject({
      name: "ClientException",
      message: expect.stringContaining(message),
    });
  });

  test("a 101st job to describe", async () => {
    const { client } = await start(() => exited(0));

    const asked = client.send(
      new DescribeJobsCommand({ jobs: Array.from({ length: 101 }, (_, index) => `job-${index}`) }),
    );

    await expect(asked).rejects.toMatchObject({ name: "ClientException" });
  });

  test("more than 50 jobs a second", async () => {
    const clock = { ms: 0 };
    const { submit } = await start(() => exited(0), { nowMs: () => clock.ms });

    const answers = await Promise.allSettled(Array.from({ length: 80 }, () => submit()));
    clock.ms = 200;
    const later = await Promise.allSettled(Array.from({ length: 20 }, () => submit()));

    const refused = answers.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(30);
    expect(later.filter(({ status }) => status === "rejected")).toHaveLength(10);
    expect(refused[0]).toMatchObject({ reason: { name: "TooManyRequestsException" } });
  });
});

test("jobs are listed by the beginning of their names whatever their state, and children by state", async () => {
  const { client, submit, ended } = await start(() => exited(0));
  const { jobId } = await submit({ jobName: "run-1-r1-c0", arrayProperties: { size: 120 } });
  await submit({ jobName: "run-2-r1-c0" });
  await ended(jobId);

  const listed = await client.send(
    new ListJobsCommand({ jobQueue: "adhoc", filters: [{ name: "JOB_NAME", values: ["run-1-*"] }] }),
  );
  const first = await client.send(new ListJobsCommand({ arrayJobId: jobId, jobStatus: "SUCCEEDED" }));

  expect(listed.jobSummaryList?.map(({ jobName }) => jobName)).toEqual(["run-1-r1-c0"]);
  expect([first.jobSummaryList?.length, first.nextToken]).toEqual([100, "100"]);
});

describe("rules after an attempt", () => {
  test.each([
    ["no rule", [], exited(1), "RETRY"],
    ["no rule that holds", [{ onExitCode: "75", action: "EXIT" as const }], exited(1), "RETRY"],
    [
      "all conditions must hold",
      [{ onExitCode: "1", onReason: "OutOf*", action: "EXIT" as const }],
      exited(1),
      "RETRY",
    ],
    [
      "the first that holds counts",
      [
        { onExitCode: "7*", action: "RETRY" as const },
        { onReason: "*", action: "EXIT" as const },
      ],
      exited(75),
      "RETRY",
    ],
    ["the last one catches all", retryRules, exited(1), "EXIT"],
    [
      "case does not count",
      [
        { onStatusReason: "host ec2*", action: "RETRY" as const },
        { onReason: "*", action: "EXIT" as const },
      ],
      { statusReason: "Host EC2 (instance i-1) terminated." },
      "RETRY",
    ],
  ])("%s", (_, rules, end, expected) => {
    expect(evaluateOnExit(rules, end)).toBe(expected);
  });
});

test("events come late, twice, in any order or not at all", async () => {
  const taken: number[] = [];
  let seed = 1;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const line = new EventLine<number>(
    { maxDelayMs: 20, duplicateRate: 0.3, lossRate: 0.2, random },
    (event) => void taken.push(event),
  );

  for (let event = 0; event < 100; event++) line.send(event);
  await sleep(80);

  expect(new Set(taken).size).toBeLessThan(100);
  expect(taken.length).toBeGreaterThan(new Set(taken).size);
  expect(taken).not.toEqual([...taken].sort((a, b) => a - b));
});
