import { describe, expect, test } from "vitest";
import type { Deployment } from "../../../src/contract/deployment.ts";
import type { ExecutionFacts, ExecutionService } from "../../../src/execute/execution-service.ts";
import { startCloudRun, type CloudRunRequest } from "../../../src/orchestrate/cloud/start-cloud-run.ts";
import { MemoryStore } from "../../../src/record/memory-store.ts";
import { createTinyRun } from "../../trainer/tiny-run.ts";

const deployment: Deployment = {
  schemaVersion: 1,
  name: "nightsweep",
  region: "us-east-1",
  store: "s3://records",
  queues: { adhoc: "queue-adhoc", nightly: "queue-nightly" },
  sizes: { "gpu-1": { arn: "definition", gpus: 1, vcpus: 4, memoryMebibytes: 14_000 } },
  logGroup: "jobs",
  version: "0.1.0",
  stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:Run",
  topicArn: "topic",
  image: "image",
  instanceTypes: ["g4dn"],
  maxVcpus: 16,
};

/** Step Functions, as far as starting goes; with a power cut after so many requests. */
class FakeExecutions implements ExecutionService {
  readonly started: { readonly name: string; readonly input: string; status: ExecutionFacts["status"] }[] = [];

  idOf(name: string): string {
    return `arn:${name}`;
  }

  async start(name: string, input: string): Promise<"started" | "ended"> {
    const there = this.started.find((each) => each.name === name);
    if (there !== undefined) return there.input === input && there.status === "RUNNING" ? "started" : "ended";
    this.started.push({ name, input, status: "RUNNING" });
    return "started";
  }

  async describe(name: string): Promise<ExecutionFacts | undefined> {
    const there = this.started.find((each) => each.name === name);
    return there && { id: this.idOf(name), status: there.status };
  }

  async stop(): Promise<void> {}
}

class PowerCut extends Error {}

/** An object whose methods stop working, before or after what they do, when the client is killed. */
function mortal<Part extends object>(part: Part, life: { left: number; readonly isDoneFirst: boolean }): Part {
  return new Proxy(part, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function" || name === "idOf") return member;
      return async (...parameters: unknown[]): Promise<unknown> => {
        if (life.left-- <= 0 && !life.isDoneFirst) throw new PowerCut();
        const result: unknown = await Reflect.apply(member, target, parameters);
        if (life.left < 0) throw new PowerCut();
        return result;
      };
    },
  });
}

async function prepare() {
  const { plan } = await createTinyRun({ sweep: "{seeds: [1, 2, 3]}" });
  const store = new MemoryStore();
  const executions = new FakeExecutions();
  let ticks = 0;
  const request = (life = { left: Number.POSITIVE_INFINITY, isDoneFirst: false }): CloudRunRequest => ({
    plan,
    deployment,
    experimentFile: "/tiny.yaml",
    isCacheUsed: true,
    queue: "adhoc",
    store: mortal(store, life),
    executions: mortal(executions, life),
    now: () => new Date(1000 * ++ticks),
    randomBytes: (count) => Uint8Array.from({ length: count }, (_, index) => ticks + index),
  });
  return { request, executions };
}

describe("a run that is started on AWS", () => {
  test.each([false, true])(
    "by clients that are killed at every possible place (after the request: %s) has one execution",
    async (isDoneFirst) => {
      for (let place = 0; ; place++) {
        const { request, executions } = await prepare();
        const killed = await startCloudRun(request({ left: place, isDoneFirst })).then(
          () => false,
          (error: unknown) => error instanceof PowerCut,
        );

        const { start } = await startCloudRun(request());
        const again = await startCloudRun(request());

        expect(executions.started.map(({ name }) => name)).toEqual([start?.name]);
        expect(again).toMatchObject({ isFollowed: true, start });
        if (!killed) return expect(place).toBeGreaterThan(5);
      }
    },
  );

  test("by several clients at the same time, after it was begun, has one execution", async () => {
    const { request, executions } = await prepare();
    await startCloudRun(request({ left: 6, isDoneFirst: true })).catch(() => undefined);

    await Promise.all([1, 2, 3, 4].map(() => startCloudRun(request())));

    expect(executions.started).toHaveLength(1);
  });

  test("goes on with another execution once the last one has ended", async () => {
    const { request, executions } = await prepare();
    const first = await startCloudRun(request());
    for (const execution of executions.started) execution.status = "ABORTED";

    const second = await startCloudRun(request());

    expect(second.run.runId).toBe(first.run.runId);
    expect(executions.started.map(({ name }) => name)).toEqual([`${first.run.runId}-1`, `${first.run.runId}-2`]);
  });
});
