import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Failure, FailureKind } from "../../src/contract/worker-messages.ts";
import { decide } from "../../src/orchestrate/decide.ts";
import {
  defaultRetries,
  infrastructurePauseMs,
  msPerHour,
  policyOf,
  type RunPolicy,
} from "../../src/orchestrate/run-policy.ts";
import { LiveRunState, type StateOptions } from "../../src/orchestrate/run-state.ts";

const nothingKnown = { finished: new Set<number>(), cached: new Set<number>() };
const policy: RunPolicy = { slots: 2, retries: defaultRetries, pricePerHour: 0 };

function stateOf(trials: number, options?: StateOptions): LiveRunState {
  return new LiveRunState(trials, nothingKnown, options);
}

/** Applies what is decided about failed trials, then dispatches and starts what is decided. @returns the decision */
function step(state: LiveRunState, rules: RunPolicy = policy) {
  const { retry, giveUp } = decide(state, rules);
  for (const { trialIndex, notBeforeMs } of retry) state.markRetried(trialIndex, notBeforeMs);
  for (const trialIndex of giveUp) state.markGivenUp(trialIndex);
  const decision = decide(state, rules);
  for (const attempt of decision.dispatch) {
    state.markDispatched(attempt);
    state.apply({ type: "started", ...attempt, worker: "one" });
  }
  return decision;
}

/** Lets the attempt of a running trial fail. */
function fail(state: LiveRunState, trialIndex: number, kind: FailureKind, reason = `${kind} of trial ${trialIndex}`) {
  const trial = state.trials[trialIndex];
  const attempt = trial?.type === "running" ? trial.attempt : 0;
  return state.apply({ type: "failed", trialIndex, attempt, failure: { kind, reason } });
}

const dispatched = ({ dispatch }: { dispatch: readonly { trialIndex: number }[] }) =>
  dispatch.map(({ trialIndex }) => trialIndex);

describe("decide", () => {
  test("fills the free slots with the next waiting trials", () => {
    expect(decide(stateOf(5), policy)).toMatchObject({
      dispatch: [
        { trialIndex: 0, attempt: 1 },
        { trialIndex: 1, attempt: 1 },
      ],
      isOver: false,
    });
  });

  test("does not change the state it is asked about", () => {
    const state = stateOf(3);

    expect(decide(state, policy)).toEqual(decide(state, policy));
  });

  test("sleeps until a trial falls due though the store's pause is over before that", () => {
    const trialIndex = 4;
    const state = new LiveRunState(5, { finished: new Set([0, 1, 2, 3]), cached: new Set() });
    step(state);
    fail(state, trialIndex, "infrastructure");
    step(state);
    state.advance((state.nextDueMs ?? 0) - 10, 0);

    const { dispatch, wakeAfterMs } = step(state);

    expect({ dispatch, wakeAfterMs }).toEqual({ dispatch: [], wakeAfterMs: 10 });
    expect(infrastructurePauseMs(1, trialIndex)).toBeGreaterThan(infrastructurePauseMs(1, 0) + 10);
  });

  test("never dispatches trials that were finished before", () => {
    const state = new LiveRunState(4, { finished: new Set([0]), cached: new Set([2]) });

    expect(dispatched(decide(state, { ...policy, slots: 10 }))).toEqual([1, 3]);
  });

  test("dispatches nothing more once a stop was asked for, and is over when the running trials have ended", () => {
    const state = stateOf(3);
    step(state);

    state.markStopping();
    state.apply({ type: "checkpointed", trialIndex: 0, attempt: 1 });
    const whileOneRuns = step(state);
    state.apply({ type: "finished", trialIndex: 1, attempt: 1 });
    const afterwards = step(state);

    expect(whileOneRuns).toMatchObject({ dispatch: [], isOver: false });
    expect(afterwards).toMatchObject({ dispatch: [], isOver: true });
    expect(state.counts).toMatchObject({ checkpointed: 1, finished: 1, waiting: 1 });
  });

  test("a run whose trials are all known is over at once", () => {
    const state = new LiveRunState(2, { finished: new Set([0, 1]), cached: new Set() });

    expect(decide(state, policy)).toMatchObject({ dispatch: [], isOver: true });
  });
});

describe("a trial that failed", () => {
  test("waits for its next attempt behind the others if its worker was killed", () => {
    const state = stateOf(3);
    step(state);

    fail(state, 0, "killed");

    expect(step(state, { ...policy, slots: 5 }).dispatch).toEqual([
      { trialIndex: 2, attempt: 1 },
      { trialIndex: 0, attempt: 2 },
    ]);
  });

  test.each(Object.entries(defaultRetries))("is tried again after %s up to %i times", (kind, retries) => {
    const state = stateOf(1);
    let attempts = 0;

    for (let decision = step(state); !decision.isOver && attempts < 100; decision = step(state)) {
      if (decision.dispatch.length > 0) fail(state, 0, kind as FailureKind, `failure ${attempts++}`);
      state.advance(state.nowMs + (decision.wakeAfterMs ?? 0), 0);
    }

    expect(attempts).toBe(retries + 1);
    // Store, disk and network are everybody's: the run stops, and the trial is left waiting.
    expect(state.trials[0]?.type).toBe(kind === "infrastructure" ? "waiting" : "failed");
  });

  test("has a number of retries for each kind of failure by itself", () => {
    const state = stateOf(1);
    const kinds: FailureKind[] = ["killed", "bug", "killed", "memory", "killed", "killed"];

    for (const kind of kinds) {
      step(state);
      fail(state, 0, kind);
    }
    step(state);

    expect(state.trials[0]).toMatchObject({ type: "failed", attempts: 6, failure: { kind: "killed" } });
  });

  test("may be killed any number of times if each attempt gets clearly further", () => {
    const state = stateOf(1);
    for (let attempt = 1; attempt <= 20; attempt++) {
      step(state);
      const progress = { epoch: 1, epochCount: 1, step: attempt * 50, stepCount: 1000 };
      state.apply({ type: "progress", trialIndex: 0, attempt, progress });
      fail(state, 0, "killed");
    }

    expect(dispatched(step(state))).toEqual([0]);
  });

  test("is decided on before anything else", () => {
    const state = stateOf(5);
    step(state);
    fail(state, 0, "user");
    fail(state, 1, "killed");

    expect(decide(state, policy)).toMatchObject({
      retry: [{ trialIndex: 1, notBeforeMs: 0 }],
      giveUp: [0],
      dispatch: [],
      isOver: false,
    });
  });
});

describe("while store, disk or network fail", () => {
  test("nothing starts during a pause that grows, and then one attempt alone", () => {
    const state = stateOf(20);
    const rules = { ...policy, slots: 4 };
    step(state, rules);
    for (const trialIndex of [0, 1, 2, 3]) fail(state, trialIndex, "infrastructure", "the disk is full");

    const first = step(state, rules);
    state.advance(first.wakeAfterMs ?? 0, 0);
    const probe = step(state, rules);
    fail(state, dispatched(probe)[0] ?? -1, "infrastructure", "the disk is full");
    const second = step(state, rules);

    expect(first).toMatchObject({ dispatch: [], isOver: false });
    expect(first.wakeAfterMs).toBeGreaterThanOrEqual(1000);
    expect(first.wakeAfterMs).toBeLessThan(2000);
    expect(probe.dispatch).toHaveLength(1);
    expect(second.dispatch).toEqual([]);
    expect(second.wakeAfterMs).toBeGreaterThanOrEqual(2000);
    expect(second.wakeAfterMs).toBeLessThan(3000);
  });

  test("all slots are used again as soon as an attempt makes progress", () => {
    const state = stateOf(20);
    step(state);
    fail(state, 0, "infrastructure");
    fail(state, 1, "infrastructure");
    state.advance(step(state).wakeAfterMs ?? 0, 0);
    const [probe = -1] = dispatched(step(state, { ...policy, slots: 4 }));

    const progress = { epoch: 1, epochCount: 1, step: 1, stepCount: 2 };
    state.apply({ type: "progress", trialIndex: probe, attempt: 1, progress });

    expect(step(state, { ...policy, slots: 4 }).dispatch).toHaveLength(3);
  });

  test("the run stops after nine tries in a row, and no trial counts as failed", () => {
    const state = stateOf(100);
    let decision = step(state);
    for (let round = 0; decision.stop === undefined && round < 50; round++) {
      for (const index of dispatched(decision)) fail(state, index, "infrastructure", "no route to host");
      state.advance(state.nowMs + (step(state).wakeAfterMs ?? 0), 0);
      decision = step(state);
    }

    expect(decision.stop).toMatchObject({ rule: "infrastructure", tries: 9, failure: { reason: "no route to host" } });
    expect(state.nowMs).toBeGreaterThan(4 * 60_000);
    expect(state.counts).toMatchObject({ waiting: 100, failed: 0 });
  });

  test("a trial that alone fails so is tried again after its own pauses while the others run", () => {
    const state = stateOf(4);
    step(state);
    fail(state, 0, "infrastructure");
    const progress = { epoch: 1, epochCount: 1, step: 1, stepCount: 2 };
    state.apply({ type: "progress", trialIndex: 1, attempt: 1, progress });

    const soon = step(state);
    state.advance(2000, 0);
    state.apply({ type: "finished", trialIndex: 1, attempt: 1 });
    state.apply({ type: "finished", trialIndex: 2, attempt: 1 });
    const later = step(state);

    expect(dispatched(soon)).toEqual([2]);
    expect(later.dispatch).toEqual([
      { trialIndex: 3, attempt: 1 },
      { trialIndex: 0, attempt: 2 },
    ]);
  });
});

/** Lets trials fail one after another until a rule stops the run. @returns how many did, and the rule */
function failuresUntilStop(options: {
  readonly rules: RunPolicy;
  readonly trials?: number;
  readonly failure: (trialIndex: number) => Failure | undefined;
  readonly configurationOf?: (trialIndex: number) => number;
}) {
  const { configurationOf } = options;
  const state = stateOf(options.trials ?? 40, configurationOf === undefined ? {} : { configurationOf });
  const rules = { ...options.rules, slots: 1 };
  for (let failed = 0; ; ) {
    const decision = step(state, rules);
    const [trialIndex] = dispatched(decision);
    if (trialIndex === undefined) return { failed, rule: decision.stop?.rule };
    const failure = options.failure(trialIndex);
    if (failure === undefined) state.apply({ type: "finished", trialIndex, attempt: 1 });
    else if (fail(state, trialIndex, failure.kind, failure.reason)) failed++;
  }
}

const missing = (trialIndex: number): Failure => ({ kind: "user", reason: `batch ${trialIndex}: no such file` });
const diverged = (trialIndex: number): Failure => ({
  kind: "diverged",
  reason: `loss became NaN at step ${trialIndex}`,
});

describe("a run stops", () => {
  const rules = policyOf({}, 1);

  test("when five trials in a row fail in the same way but for numbers", () => {
    expect(failuresUntilStop({ rules, failure: missing })).toEqual({ failed: 5, rule: "identicalFailures" });
  });

  test("also when others have finished before", () => {
    const failure = (index: number) => (index < 10 ? undefined : missing(index));

    expect(failuresUntilStop({ rules, failure })).toEqual({ failed: 5, rule: "identicalFailures" });
  });

  test("not when they fail in different ways, or others finish between them", () => {
    const different = (index: number): Failure => ({ kind: "user", reason: `no layer ${"abcdefgh"[index % 8]}` });
    const between = (index: number) => (index % 5 === 4 ? undefined : missing(index));

    expect(failuresUntilStop({ rules, failure: different })).toEqual({ failed: 40, rule: undefined });
    expect(failuresUntilStop({ rules, failure: between })).toEqual({ failed: 32, rule: undefined });
  });

  test("when five configurations diverge, whose seeds count once", () => {
    const configurationOf = (index: number) => Math.floor(index / 3);

    const outcome = failuresUntilStop({ rules, failure: diverged, configurationOf });

    expect(outcome).toEqual({ failed: 13, rule: "identicalFailures" });
  });

  test("not when many diverge after others have finished: they are a part of the search", () => {
    const failure = (index: number) => (index === 0 ? undefined : diverged(index));

    expect(failuresUntilStop({ rules, failure })).toEqual({ failed: 39, rule: undefined });
  });

  test("after as many failures of any kind as maxFailures says, and at the first one with failFast", () => {
    const failure = (index: number) => (index % 2 === 0 ? undefined : missing(index));

    expect(failuresUntilStop({ rules: policyOf({ maxFailures: 7 }, 1), failure })).toEqual({
      failed: 7,
      rule: "maxFailures",
    });
    expect(failuresUntilStop({ rules: policyOf({}, 1, { failFast: true }), failure }).failed).toBe(1);
  });

  test("never for failures with keepGoing", () => {
    const rules = policyOf({ maxFailures: 1, identicalFailures: 1 }, 1, { keepGoing: true });

    expect(failuresUntilStop({ rules, failure: missing })).toEqual({ failed: 40, rule: undefined });
  });

  test("at the run's time limit, and is woken for it", () => {
    const state = stateOf(5);
    const rules = policyOf({ runTimeLimit: "90m" }, 2);

    const before = step(state, rules);
    state.advance(90 * 60_000, 0);

    expect(before.wakeAfterMs).toBe(90 * 60_000);
    expect(step(state, rules)).toMatchObject({ stop: { rule: "runTimeLimit", limitSeconds: 5400 }, isOver: false });
  });

  test("when the hours of computing are used up, those of earlier sessions and of running attempts included", () => {
    const rules = policyOf({ budget: { hours: 3 } }, 2);
    const state = stateOf(5, { spentBefore: { computingMs: msPerHour, paidMs: 0 } });

    const before = step(state, rules);
    state.advance(before.wakeAfterMs ?? 0, 0);

    expect(before.wakeAfterMs).toBe(msPerHour);
    expect(step(state, rules).stop).toEqual({ rule: "budgetHours", hours: 3, limit: 3 });
  });

  test("when the money is used up, at the price of the machines' time", () => {
    const rules = policyOf({ budget: { usd: 1, pricePerHour: 0.5 } }, 2);
    const state = stateOf(5);
    step(state, rules);

    state.advance(2 * msPerHour, 1.9 * msPerHour);
    const before = step(state, rules);
    state.advance(2 * msPerHour, 2 * msPerHour);

    expect(before.stop).toBeUndefined();
    expect(step(state, rules).stop).toEqual({ rule: "budgetUsd", usd: 1, limit: 1 });
  });

  test("not for a limit that is reached when everything has finished", () => {
    const state = stateOf(1);
    step(state);
    state.advance(msPerHour, 0);
    state.apply({ type: "finished", trialIndex: 0, attempt: 1 });

    expect(step(state, policyOf({ runTimeLimit: "1s" }, 1))).toMatchObject({ isOver: true });
    expect(step(state, policyOf({ runTimeLimit: "1s" }, 1)).stop).toBeUndefined();
  });
});

describe("an attempt at its time limit", () => {
  const rules = policyOf({ trialTimeLimit: "1m" }, 2);

  test("is interrupted once, and fails with the time limit however it ends", () => {
    const state = stateOf(2);
    step(state, rules);
    const begin = decide(state, rules);
    state.advance(60_000, 0);

    const atLimit = step(state, rules);
    state.markOverdue(0);
    const afterwards = decide(state, rules);
    const event = state.apply({ type: "checkpointed", trialIndex: 0, attempt: 1 });
    step(state, rules);

    expect(begin.wakeAfterMs).toBe(60_000);
    expect(dispatched({ dispatch: atLimit.interrupt })).toEqual([0, 1]);
    expect(dispatched({ dispatch: afterwards.interrupt })).toEqual([1]);
    expect(event).toMatchObject({ type: "failed", failure: { kind: "timeLimit" } });
    expect(state.trials[0]).toMatchObject({ type: "failed" });
  });

  test("that finishes all the same has finished", () => {
    const state = stateOf(1);
    step(state, rules);
    state.advance(60_000, 0);
    state.markOverdue(0);
    state.apply({ type: "finished", trialIndex: 0, attempt: 1 });

    expect(step(state, rules).isOver).toBe(true);
    expect(state.counts).toMatchObject({ finished: 1, failed: 0 });
  });
});

describe("events that come twice, late and in any order", () => {
  test("of an attempt that is over are ignored", () => {
    const state = stateOf(1);
    step(state);
    fail(state, 0, "killed");
    step(state);

    const late = state.apply({ type: "failed", trialIndex: 0, attempt: 1, failure: { kind: "bug", reason: "" } });

    expect(late).toBeUndefined();
    expect(state.trials[0]).toMatchObject({ type: "running", attempt: 2 });
  });

  test("of a trial that has finished never take that back", () => {
    const state = stateOf(1);
    step(state);
    fail(state, 0, "killed");
    step(state);

    const late = state.apply({ type: "finished", trialIndex: 0, attempt: 1 });
    const events = [
      state.apply({ type: "finished", trialIndex: 0, attempt: 2 }),
      fail(state, 0, "bug"),
      state.apply({ type: "checkpointed", trialIndex: 0, attempt: 2 }),
    ];

    expect(late).toBeDefined();
    expect(events).toEqual([undefined, undefined, undefined]);
    expect(step(state)).toMatchObject({ isOver: true });
  });

  test("leave counts and dispatching right, whatever they are", () => {
    const event = fc.record({
      trialIndex: fc.nat({ max: 4 }),
      attempt: fc.integer({ min: 1, max: 3 }),
      type: fc.constantFrom("started", "progress", "finished", "failed", "checkpointed"),
      kind: fc.constantFrom(...(Object.keys(defaultRetries) as FailureKind[])),
      waitMs: fc.nat({ max: 500_000 }),
    });

    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const state = stateOf(5);
        const finished = new Set<number>();
        for (const { type, trialIndex, attempt, kind, waitMs } of events) {
          const progress = { epoch: 1, epochCount: 1, step: 1, stepCount: 2 };
          const failure = { kind, reason: kind };
          state.apply({ type, trialIndex, attempt, progress, failure, worker: "" });
          if (type === "finished") finished.add(trialIndex);
          state.advance(state.nowMs + waitMs, 0);
          const decision = step(state);
          expect(dispatched(decision).filter((index) => finished.has(index))).toEqual([]);
          for (const [type, count] of Object.entries(state.counts))
            expect(state.trials.filter((trial) => trial.type === type)).toHaveLength(count);
          expect(state.counts.running).toBeLessThanOrEqual(2);
          for (const index of finished) expect(state.trials[index]?.type).toBe("finished");
        }
      }),
      { seed: 20_261_122, numRuns: 300 },
    );
  });
});
