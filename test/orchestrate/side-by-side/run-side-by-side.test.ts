import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { exitCodes } from "../../../src/contract/exit-codes.ts";
import type { MemoryProbe } from "../../../src/execute/device-memory.ts";
import { InMemoryExecutor, type AttemptFunction } from "../../../src/execute/in-memory-executor.ts";
import type { AttemptEnd } from "../../../src/execute/slot-pool.ts";
import { runSideBySide, type SharedJob } from "../../../src/orchestrate/side-by-side/run-side-by-side.ts";
import { loadTrialState } from "../../../src/record/load-trial.ts";
import { createTinyRun } from "../../trainer/tiny-run.ts";

const gibibyte = 2 ** 30;

/** A device on which each trial takes memory until its trainer ends, as TensorFlow's allocator does. */
class FakeDevice {
  private readonly taken = new Map<number, number>();
  readonly tried: number[] = [];
  mostAtOnce = 0;
  private running = 0;

  constructor(
    private readonly totalGibibytes: number,
    private readonly needOf: (trialIndex: number) => number,
  ) {}

  readonly probe: MemoryProbe = () =>
    Promise.resolve({
      name: "memory of the GPU",
      usedBytes: gibibyte * (1 + this.used),
      totalBytes: gibibyte * this.totalGibibytes,
    });

  readonly run: AttemptFunction = async ({ trialIndex }, { progress, stop }) => {
    this.tried.push(trialIndex);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.running);
    const end = await this.train(trialIndex, progress, stop);
    this.running--;
    return end;
  };

  /** The trainers of an executor have ended. */
  free(): void {
    this.taken.clear();
  }

  private get used(): number {
    return [...this.taken.values()].reduce((sum, each) => sum + each, 0);
  }

  private async train(
    trialIndex: number,
    progress: Parameters<AttemptFunction>[1]["progress"],
    stop: AbortSignal,
  ): Promise<AttemptEnd> {
    const need = this.needOf(trialIndex);
    if (1 + this.used + need > this.totalGibibytes)
      return { type: "failed", failure: { kind: "memory", reason: "OOM when allocating tensor" } };
    this.taken.set(trialIndex, need);
    for (const epoch of [1, 2, 3]) {
      progress({ epoch, epochCount: 3, step: epoch, stepCount: 3 });
      await sleep(10);
      if (stop.aborted) return { type: "checkpointed" };
    }
    // Its trainer takes another trial, which finds the memory that this one had.
    this.taken.delete(trialIndex);
    return { type: "finished" };
  }
}

async function start(device: FakeDevice, { trials = 6, ...changes }: Partial<SharedJob> & { trials?: number } = {}) {
  const run = await createTinyRun({ sweep: `{seeds: ${trials}}` });
  const runId = run.planKey.split("/").at(-2) ?? "";
  const printed: string[] = [];
  const executors: number[] = [];
  const code = await runSideBySide({
    store: run.store,
    plan: run.plan,
    runId,
    trialIndexes: Array.from({ length: trials }, (_, index) => index),
    attempt: 1,
    limit: 4,
    createExecutor(slots) {
      executors.push(slots);
      device.free();
      return new InMemoryExecutor({ slots, run: device.run });
    },
    probes: [device.probe],
    probeEveryMs: 1,
    heldMs: 50,
    stop: new AbortController().signal,
    print: (line) => printed.push(line),
    ...changes,
  });
  return { run, code, printed, executors };
}

describe("trials of a job that share a GPU", () => {
  test("run as many side by side as the first one was seen to leave memory for", async () => {
    // (0.9 × 16 − 1) / 5 = 2.7
    const device = new FakeDevice(16, () => 5);

    const { code, printed } = await start(device);

    expect(code).toBe(exitCodes.done);
    expect(device.mostAtOnce).toBe(2);
    expect(device.tried).toEqual([0, 1, 2, 3, 4, 5]);
    expect(printed).toContain(
      "2 trials side by side from now on: a trial took 5120 MiB of 16384 MiB memory of the GPU",
    );
  });

  test("are no more than are allowed, however much memory there is", async () => {
    const device = new FakeDevice(1000, () => 1);

    const { code } = await start(device, { limit: 3 });

    expect([code, device.mostAtOnce]).toEqual([exitCodes.done, 3]);
  });

  test("go back to half as many when one finds no memory left, and that one is tried again, not failed", async () => {
    // By the first trial there is room for 4; the third one needs far more.
    const device = new FakeDevice(20, (trialIndex) => (trialIndex === 2 ? 12 : 4));

    const { code, executors, run } = await start(device);

    expect(code).toBe(exitCodes.done);
    expect(device.tried.filter((trial) => trial === 2).length).toBeGreaterThanOrEqual(2);
    expect(executors.slice(0, 2)).toEqual([4, 2]);
    expect((await loadTrialState(run.store, run.trialKey(2))).type).not.toBe("failed");
  });

  test("of which one has no memory even alone: it fails with that reason, the others are trained", async () => {
    const device = new FakeDevice(16, (trialIndex) => (trialIndex === 3 ? 40 : 5));

    const { code, run, executors } = await start(device);

    expect(code).toBe(exitCodes.outOfMemory);
    expect(executors).toEqual([4, 1]);
    expect(await loadTrialState(run.store, run.trialKey(3))).toMatchObject({
      type: "failed",
      failure: { kind: "memory", reason: "OOM when allocating tensor" },
    });
    expect(new Set(device.tried)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    const log = await run.store.get(`${run.trialKey(3)}/log.txt`);
    expect(new TextDecoder().decode(log)).toContain("it is tried again with 1 side by side at most");
  });

  test("run one after another where the memory can't be measured, and it is said why", async () => {
    const device = new FakeDevice(16, () => 1);
    const problem = "nvidia-smi can't be asked: spawn nvidia-smi ENOENT";

    const { code, printed } = await start(device, { probes: [() => Promise.resolve({ problem })] });

    expect([code, device.mostAtOnce]).toEqual([exitCodes.done, 1]);
    expect(printed).toContain(`one trial at a time: ${problem}`);
  });

  test("leave with 75 when they are told to stop, and when the machine is taken back", async () => {
    const stop = new AbortController();
    const device = new FakeDevice(16, () => 1);
    setTimeout(() => stop.abort(), 15);
    const told = await start(device, { stop: stop.signal });

    const reclaimed = await start(device, {
      createExecutor: (slots) =>
        new InMemoryExecutor({ slots, run: () => Promise.resolve({ type: "checkpointed" as const }) }),
    });

    expect([told.code, reclaimed.code]).toEqual([exitCodes.checkpointed, exitCodes.checkpointed]);
  });

  test("that another process trains to the end are left to another attempt of the job", async () => {
    const device = new FakeDevice(16, () => 1);

    const { code } = await start(device, {
      createExecutor: (slots) =>
        new InMemoryExecutor({
          slots,
          run: (attempt, context) =>
            attempt.trialIndex === 1 ? Promise.resolve({ type: "held" as const }) : device.run(attempt, context),
        }),
    });

    expect(code).toBe(exitCodes.checkpointed);
    expect(new Set(device.tried)).toEqual(new Set([0, 2, 3, 4, 5]));
  });
});
