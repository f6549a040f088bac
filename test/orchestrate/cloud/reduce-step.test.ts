import { describe, expect, test } from "vitest";
import type { RunStep } from "../../../src/contract/run-machine.ts";
import { objectKeys } from "../../../src/contract/object-keys.ts";
import { trainerVariables } from "../../../src/contract/trainer-environment.ts";
import type { Failure } from "../../../src/contract/worker-messages.ts";
import type { JobFacts, JobService } from "../../../src/execute/job-service.ts";
import { cleanUp } from "../../../src/orchestrate/cloud/clean-up.ts";
import type { CloudParts } from "../../../src/orchestrate/cloud/cloud-parts.ts";
import { benchmarkGate } from "../../../src/orchestrate/cloud/benchmark-gate.ts";
import { planStep } from "../../../src/orchestrate/cloud/plan-step.ts";
import { reduceStep } from "../../../src/orchestrate/cloud/reduce-step.ts";
import { loadHistory } from "../../../src/record/history.ts";
import { recordFinished } from "../../../src/record/ledger.ts";
import { changeControl } from "../../../src/record/run-control.ts";
import { loadRound, numbersOf, rangesOf } from "../../../src/record/run-rounds.ts";
import { MemoryStore } from "../../../src/record/memory-store.ts";
import { TrialWriter, writeFailure } from "../../../src/record/trial-writer.ts";
import { trialDocumentOf } from "./trial-document-of.ts";
import { createTinyRun } from "../../trainer/tiny-run.ts";

const settings = {
  name: "nightsweep",
  region: "us-east-1",
  store: "s3://records",
  queues: { adhoc: "queue-adhoc", nightly: "queue-nightly" },
  sizes: { "gpu-1": { arn: "definition:1", gpus: 1, vcpus: 4, memoryMebibytes: 14_000 } },
  logGroup: "jobs",
  version: "0.1.0",
};
const figures = { loss: 1, accuracy: 0.5 };

/** A run of four trials, one a job, whose jobs end as a test says. */
async function begin(given: CloudParts["settings"] = settings) {
  const store = new MemoryStore();
  const tiny = await createTinyRun({ sweep: "{seeds: [1, 2, 3, 4]}" }, store);
  const runId = tiny.planKey.split("/").at(-2) ?? "";
  const { experiment } = tiny.plan;
  const clock = { ms: Date.parse("2026-11-30T10:00:00Z") };
  const jobs = new Map<string, JobFacts>();
  const terminated: string[] = [];
  const service: JobService = {
    list: (queue, prefix) =>
      Promise.resolve(
        queue === "queue-adhoc" ? [...jobs.values()].filter(({ jobName }) => jobName.startsWith(prefix)) : [],
      ),
    listChildren: () => Promise.resolve([]),
    describe: (ids) => Promise.resolve([...jobs.values()].filter(({ jobId }) => ids.includes(jobId))),
    terminate: (jobId) => Promise.resolve(void terminated.push(jobId)),
  };
  const parts: CloudParts = {
    settings: given,
    store,
    jobs: service,
    gate: benchmarkGate(() => new Date()),
    now: () => new Date(clock.ms),
    loadAsset: () => Promise.resolve(undefined),
    assets: () => Promise.resolve({ script: "", style: "" }),
  };
  const execution = { id: "arn:run-1", name: "run-1", startTime: "2026-11-30T10:00:00Z" };
  const plan = (trigger: "cli" | "schedule" = "cli") =>
    planStep(parts, { input: { run: { experiment, runId }, queue: "adhoc", trigger }, execution });
  const finish = async (index: number): Promise<void> => {
    const { document, trialId } = trialDocumentOf(tiny.plan, index, runId);
    const writer = new TrialWriter(store, { experiment, runId, trialId });
    await writer.begin(document);
    await writer.writeMetrics([{ kind: "epoch", epoch: 1, step: 1, learningRate: 0.1, ...figures }]);
    await writer.finish({
      epochs: 1,
      steps: 1,
      parameterCount: 1,
      testedEpoch: 1,
      train: figures,
      test: { ...figures, macroF1: 0.5 },
    });
    await recordFinished(store, { schemaVersion: 1, trialId, experiment, runId });
  };
  const fail = (index: number, failure: Failure): Promise<unknown> => {
    const { trialId } = trialDocumentOf(tiny.plan, index, runId);
    return writeFailure(store, tiny.trialKey(index), { schemaVersion: 1, trialId, attempt: 1, ...failure });
  };
  const trialsOf = async ({ round }: RunStep): Promise<number[]> =>
    numbersOf((await loadRound(store, objectKeys.run(experiment, runId), round))?.trials ?? []);
  const run = objectKeys.run(experiment, runId);
  return { store, parts, plan, finish, fail, trialsOf, clock, jobs, terminated, run, experiment, runId };
}

describe("trials of a job side by side", () => {
  test("are as many at most as the deployment says", async () => {
    const { plan } = await begin({ ...settings, trialsPerGpu: 3 });

    const { chunks } = await plan();

    expect(chunks[0]?.environment).toContainEqual({ Name: trainerVariables.trialsPerGpu, Value: "3" });
  });

  test("are one where it says nothing", async () => {
    const { plan } = await begin();

    const names = (await plan()).chunks[0]?.environment.map(({ Name }) => Name);

    expect(names).not.toContain(trainerVariables.trialsPerGpu);
  });
});

describe("a run on AWS, step by step", () => {
  test("dispatches all, then what was killed, then reports; asked again, each step gives the same answer", async () => {
    const { parts, plan, finish, trialsOf, jobs } = await begin();

    const first = await plan();
    const again = await plan();
    for (const index of [0, 1, 3]) await finish(index);
    jobs.set("j", {
      jobId: "j",
      jobName: first.chunks[0]?.jobName ?? "",
      status: "FAILED",
      statusReason: "Host EC2 (instance i-1) terminated.",
    });
    const second = await reduceStep(parts, first);
    const secondAgain = await reduceStep(parts, first);
    await finish(2);
    const third = await reduceStep(parts, second);

    expect(first).toMatchObject({
      next: "dispatch",
      round: 1,
      chunks: [{ size: 1, jobDefinition: "definition:1", jobQueue: "queue-adhoc" }],
    });
    expect(again).toEqual(first);
    expect(second).toMatchObject({ next: "dispatch", round: 2 });
    expect(await trialsOf(second)).toEqual([2]);
    expect(secondAgain).toEqual(second);
    expect(third).toMatchObject({ next: "report", chunks: [] });
  });

  test("waits while a job of the round still runs, though the machine has lost sight of it", async () => {
    const { parts, plan, jobs } = await begin();
    const first = await plan();
    jobs.set("j", { jobId: "j", jobName: first.chunks[0]?.jobName ?? "", status: "RUNNING" });

    expect(await reduceStep(parts, first)).toMatchObject({ next: "wait", round: 1, chunks: [] });
  });

  test("what diverged is not tried again, and carries no trial in its payload", async () => {
    const { parts, plan, finish, fail } = await begin();
    const first = await plan();
    for (const index of [0, 1, 2]) await finish(index);
    await fail(3, { kind: "diverged", reason: "the training loss became NaN" });

    const second = await reduceStep(parts, first);

    expect(second).toMatchObject({ next: "report" });
    expect(JSON.stringify(first).length).toBeLessThan(2000);
  });

  test("while the store fails there is a pause, and then one trial alone", async () => {
    const { parts, plan, fail, finish, trialsOf, clock } = await begin();
    const first = await plan();
    for (const index of [0, 1, 2, 3]) await fail(index, { kind: "infrastructure", reason: "S3 did not answer" });
    clock.ms += 60_000;

    const waiting = await reduceStep(parts, first);
    clock.ms += 1000 * waiting.waitSeconds;
    const alone = await reduceStep(parts, waiting);
    const [index = -1] = await trialsOf(alone);
    await finish(index);
    const others = await reduceStep(parts, alone);

    expect(waiting).toMatchObject({ next: "wait", chunks: [] });
    expect(waiting.waitSeconds).toBeGreaterThan(0);
    expect(await trialsOf(alone)).toHaveLength(1);
    expect(await trialsOf(others)).toHaveLength(3);
  });

  test("a cancelled run is reported, a paused one waits until it is resumed", async () => {
    const { store, parts, plan, run } = await begin();
    const first = await plan();
    await changeControl(store, run, { state: "paused" }, new Date());

    const paused = await reduceStep(parts, first);
    await changeControl(store, run, { state: "running" }, new Date());
    const resumed = await reduceStep(parts, paused);
    await changeControl(store, run, { state: "cancelled" }, new Date());
    const cancelled = await reduceStep(parts, resumed);

    expect(paused).toMatchObject({ next: "wait", waitSeconds: 300 });
    expect(resumed).toMatchObject({ next: "dispatch", round: 2 });
    expect(cancelled).toMatchObject({ next: "report" });
  });

  test("a job that could never start gives its trials up, with the reason in plain words", async () => {
    const { parts, plan, jobs, store, run } = await begin();
    const first = await plan();
    jobs.set("j", {
      jobId: "j",
      jobName: first.chunks[0]?.jobName ?? "",
      status: "FAILED",
      statusReason:
        "Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - too big",
    });

    const second = await reduceStep(parts, first);

    expect(second.next).toBe("report");
    const outcome = new TextDecoder().decode(await store.get(objectKeys.roundOutcome(run, 1)));
    expect(outcome).toContain("no instance type of the queue has as much CPU, memory or GPUs as the job needs");
  });

  test("another execution of the same run does nothing while the first one's round is there", async () => {
    const { parts, plan, experiment, runId } = await begin();
    await plan();
    const input = { run: { experiment, runId }, queue: "adhoc", trigger: "cli" } as const;
    const other = { id: "arn:other", name: "other", startTime: "2026-11-30T10:00:00Z" };

    const step = await planStep(parts, { input, execution: other });

    // A start after the first one ended makes a round of its own.
    expect(step).toMatchObject({ next: "dispatch", round: 2 });
  });

  test("what an aborted execution has left is ended", async () => {
    const { parts, plan, jobs, terminated } = await begin();
    const { chunks } = await plan();
    const jobName = chunks[0]?.jobName ?? "";
    jobs.set("running", { jobId: "running", jobName, status: "RUNNING" });
    jobs.set("done", { jobId: "done", jobName: `${jobName}x`, status: "SUCCEEDED" });
    jobs.set("others", { jobId: "others", jobName: "somebody-else", status: "RUNNING" });

    await cleanUp(parts, {
      "detail-type": "Step Functions Execution Status Change",
      detail: { executionArn: "arn:run-1", name: "run-1", status: "ABORTED", input: null, startDate: 0 },
    });

    expect(terminated).toEqual(["running"]);
  });

  test("an aborted night is a gap in the history, with the reason for each seed that is missing", async () => {
    const { store, parts, plan, finish, experiment, runId } = await begin();
    await plan("schedule");
    await finish(0);

    await cleanUp(parts, {
      "detail-type": "Step Functions Execution Status Change",
      detail: {
        executionArn: "arn:run-1",
        name: "run-1",
        status: "ABORTED",
        input: null,
        startDate: 0,
        cause: "stopped by a person",
      },
    });

    const { nights } = await loadHistory(store, experiment);
    const [configuration] = nights[0]?.configurations ?? [];
    expect(nights.map((night) => night.runId)).toEqual([runId]);
    expect(configuration?.seeds.map(({ seed }) => seed)).toEqual([1]);
    const cause = "the execution run-1 of the state machine ended: ABORTED (stopped by a person)";
    expect(configuration?.missing).toEqual([2, 3, 4].map((seed) => `seed ${seed} pending: ${cause}`));
  });
});

test("numbers become ranges and come back in the same order", () => {
  const numbers = [5, 6, 7, 2, 3, 9, 0, 1];

  expect(rangesOf(numbers)).toEqual([
    [5, 3],
    [2, 2],
    [9, 1],
    [0, 2],
  ]);
  expect(numbersOf(rangesOf(numbers))).toEqual(numbers);
});
