import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InMemoryExecutor } from "../../src/execute/in-memory-executor.ts";
import { ControlWatch } from "../../src/orchestrate/control-watch.ts";
import { decide } from "../../src/orchestrate/decide.ts";
import { processClock } from "../../src/orchestrate/run-clock.ts";
import { defaultRetries, type RunPolicy } from "../../src/orchestrate/run-policy.ts";
import { LiveRunState, type RunWish } from "../../src/orchestrate/run-state.ts";
import { runTrials, type RunJournal } from "../../src/orchestrate/run-trials.ts";
import { RunCancelledError, takeUpRun } from "../../src/orchestrate/take-up-run.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { changeControl, loadControl } from "../../src/record/run-control.ts";
import { samplePlan, trialId } from "../record/sample-run.ts";

const policy: RunPolicy = { slots: 3, retries: defaultRetries, pricePerHour: 0 };
const nothingKnown = { finished: new Set<number>(), cached: new Set<number>() };
const now = new Date(Date.UTC(2026, 10, 22));

/** A state in which the policy's slots are full, the attempts begun one after another. */
function runningState(trials: number): LiveRunState {
  const state = new LiveRunState(trials, nothingKnown);
  for (const [index, attempt] of decide(state, policy).dispatch.entries()) {
    state.markDispatched(attempt);
    state.advance(index + 1, 0);
    state.apply({ type: "started", ...attempt, worker: "w" });
  }
  return state;
}

const indexes = (attempts: readonly { readonly trialIndex: number }[]) => attempts.map(({ trialIndex }) => trialIndex);

describe("decide, of what people ask", () => {
  test("lets all that runs wait at a checkpoint while paused, tells each once, and starts nothing", () => {
    const state = runningState(5);
    state.markWish({ state: "paused" });

    const first = decide(state, policy);
    for (const { trialIndex } of first.suspend) state.markSuspended(trialIndex);
    const second = decide(state, policy);
    for (const { trialIndex, attempt } of first.suspend) state.apply({ type: "checkpointed", trialIndex, attempt });
    const third = decide(state, policy);

    expect(indexes(first.suspend).sort((a, b) => a - b)).toEqual([0, 1, 2]);
    expect(second).toMatchObject({ suspend: [], dispatch: [], isOver: false });
    expect(third).toMatchObject({ suspend: [], dispatch: [], isOver: false });
    expect(state.counts).toMatchObject({ waiting: 5, running: 0, failed: 0 });
  });

  test("does not ask to be woken while paused because a trial falls due or store, disk or network failed", () => {
    const state = runningState(3);
    const failure = { kind: "infrastructure", reason: "disk" } as const;
    for (const trialIndex of [0, 1, 2]) state.apply({ type: "failed", trialIndex, attempt: 1, failure });
    for (const { trialIndex, notBeforeMs } of decide(state, policy).retry) state.markRetried(trialIndex, notBeforeMs);
    state.markWish({ state: "paused" });

    expect(decide(state, policy).wakeAfterMs).toBeUndefined();
  });

  test("goes on with what was paused, an attempt later", () => {
    const state = runningState(1);
    state.markWish({ state: "paused" });
    for (const { trialIndex } of decide(state, policy).suspend) state.markSuspended(trialIndex);
    state.apply({ type: "failed", trialIndex: 0, attempt: 1, failure: { kind: "killed", reason: "too slow" } });
    state.markWish({ state: "running" });

    expect(decide(state, policy).dispatch).toEqual([{ trialIndex: 0, attempt: 2 }]);
    expect(state.historyOf(0)).toBeUndefined();
  });

  test("lets those that began last wait if fewer are wanted, and starts more if more are", () => {
    const fewer = runningState(9);
    fewer.markWish({ state: "running", workers: 1 });
    const more = runningState(9);
    more.markWish({ state: "running", workers: 5 });

    expect(indexes(decide(fewer, policy).suspend)).toEqual([2, 1]);
    expect(indexes(decide(more, policy).dispatch)).toEqual([3, 4]);
    expect(decide(more, policy).suspend).toEqual([]);
  });

  test("counts an attempt that found its trial taken by others no longer among those that were told to leave", () => {
    const state = runningState(9);
    state.markWish({ state: "running", workers: 2 });
    for (const { trialIndex } of decide(state, policy).suspend) state.markSuspended(trialIndex);
    state.apply({ type: "superseded", trialIndex: 2, attempt: 1 });
    const whileElsewhere = decide(state, policy);
    state.apply({ type: "released", trialIndex: 2, attempt: 1 });

    expect(state.suspended.size).toBe(0);
    expect(whileElsewhere).toMatchObject({ suspend: [], dispatch: [], isOver: false });
    expect(decide(state, policy)).toMatchObject({ suspend: [], dispatch: [] });
    expect(state.counts).toMatchObject({ waiting: 7, running: 2, elsewhere: 0 });
  });

  test("gives way to runs of higher priority: starts no more than they leave, and lets the rest wait at a checkpoint", () => {
    const first = { experiment: "urgent", runId: "r", priority: 5 };
    const running = runningState(9);
    const isNews = [running.markShare({ slots: 1, for: first }), running.markShare({ slots: 1, for: first })];
    const fresh = new LiveRunState(9, nothingKnown);
    fresh.markShare({ slots: 0, for: first });
    const asked = runningState(9);
    asked.markWish({ state: "running", workers: 8 });
    asked.markShare({ slots: 4, for: first });

    expect(isNews).toEqual([true, false]);
    expect(indexes(decide(running, policy).suspend)).toEqual([2, 1]);
    expect(decide(fresh, policy)).toMatchObject({ dispatch: [], isOver: false });
    expect(indexes(decide(asked, policy).dispatch)).toEqual([3]);
    fresh.markShare(undefined);
    expect(indexes(decide(fresh, policy).dispatch)).toEqual([0, 1, 2]);
  });

  test("stops a run that was cancelled", () => {
    const state = runningState(5);
    state.markWish({ state: "cancelled" });

    expect(decide(state, policy).stop).toEqual({ rule: "cancelled" });
  });

  test("tries a trial again that failed for good, with all its retries, and none that didn't", () => {
    const state = runningState(2);
    state.apply({ type: "failed", trialIndex: 0, attempt: 1, failure: { kind: "diverged", reason: "NaN" } });
    const isTooEarly = state.markWanted(0);
    for (const trialIndex of decide(state, policy).giveUp) state.markGivenUp(trialIndex);

    expect([isTooEarly, state.markWanted(0), state.markWanted(0), state.markWanted(1)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(state.givenUp).toBe(0);
    expect(decide(state, policy).dispatch).toEqual([{ trialIndex: 0, attempt: 2 }]);
  });
});

const silentJournal: RunJournal = {
  log: () => undefined,
  flushLog: () => Promise.resolve(),
  failure: () => Promise.resolve(),
};

test("whatever is asked in whatever order, every trial finishes once", async () => {
  const wish = fc.record({
    state: fc.constantFrom("running" as const, "paused" as const),
    workers: fc.integer({ min: 1, max: 4 }),
  });

  await fc.assert(
    fc.asyncProperty(fc.array(wish, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), async (wishes, trials) => {
      const finished: number[] = [];
      let take: (wish: RunWish, retries: readonly number[]) => void = () => undefined;
      const executor = new InMemoryExecutor({
        slots: 8,
        async run({ trialIndex }, { stop }) {
          for (let step = 0; step < 4; step++) {
            await new Promise((resolve) => setImmediate(resolve));
            if (stop.aborted) return { type: "checkpointed" };
          }
          finished.push(trialIndex);
          return { type: "finished" };
        },
      });
      const state = new LiveRunState(trials, nothingKnown);
      const never = new AbortController().signal;
      const source = { listen: (taker: typeof take) => void (take = taker) };
      const control = { stop: never, kill: never, onEvent: () => undefined, wishes: source };
      const ended = runTrials(state, policy, { executor, journal: silentJournal, control, clock: processClock });
      for (const asked of [...wishes, { state: "running" as const, workers: 2 }]) {
        take(asked, []);
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
      await ended;

      expect(finished.sort((a, b) => a - b)).toEqual([...Array(trials).keys()]);
      expect(state.counts).toMatchObject({ finished: trials, running: 0, waiting: 0, failed: 0 });
    }),
    { seed: 20_261_122, numRuns: 40 },
  );
});

describe("a run's control.json", () => {
  test("takes every change of several who ask at once", async () => {
    const store = new MemoryStore();

    await Promise.all([0, 1, 2, 3].map((index) => changeControl(store, "r", { retries: [trialId(index)] }, now)));
    const control = await loadControl(store, "r");

    expect(control?.version).toBe(4);
    expect(new Set(control?.retries.map(({ trialId }) => trialId))).toEqual(new Set([0, 1, 2, 3].map(trialId)));
  });

  test("keeps a session from a cancelled run unless it is resumed, and not from a paused one", async () => {
    const store = new MemoryStore();
    const run = { runId: "r", key: "experiments/sample/runs/r" };
    const takeUp = (isResumed: boolean) => takeUpRun(store, run, { isResumed, now: () => now });
    await changeControl(store, run.key, { state: "paused" }, now);
    const paused = await takeUp(false);
    await changeControl(store, run.key, { state: "cancelled" }, now);

    expect(paused?.state).toBe("paused");
    await expect(takeUp(false)).rejects.toThrow(RunCancelledError);
    expect(await takeUp(true)).toMatchObject({ state: "running", version: 3 });
    expect(await takeUp(false)).toMatchObject({ state: "running" });
  });

  test("tells a session of what is asked while it is there, and of a pause before", async () => {
    const store = new MemoryStore();
    const place = { store, run: "r", plan: samplePlan(3) };
    const ask = (change: Parameters<typeof changeControl>[2]) => changeControl(store, "r", change, now);
    await ask({ workers: 7, priority: 9, retries: [trialId(0)] });
    const { after } = await ask({ state: "paused" });
    const told: unknown[] = [];
    const obeyed: number[] = [];
    const listener = { onChange: (_: RunWish, version: number) => void obeyed.push(version), onLook: () => undefined };

    const watch = new ControlWatch(place, after, listener, 1);
    watch.listen((wish, retries) => told.push([wish, retries]));
    await ask({ state: "running", workers: 2, priority: 3, retries: [trialId(2)] });
    await expect.poll(() => obeyed).toEqual([3]);
    watch.end();

    expect(told).toEqual([
      [{ state: "paused" }, []],
      [{ state: "running", workers: 2, priority: 3 }, [2]],
    ]);
  });
});
