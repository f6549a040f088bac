import { describe, expect, test } from "vitest";
import { decide, defaultMaxAttempts, isRetried } from "../../src/orchestrate/decide.ts";
import { LiveRunState } from "../../src/orchestrate/run-state.ts";

const nothingKnown = { finished: new Set<number>(), cached: new Set<number>() };
const policy = { slots: 2, maxAttempts: defaultMaxAttempts };

function dispatchAll(state: LiveRunState): void {
  for (const { trialIndex, attempt } of decide(state, policy).dispatch) state.markDispatched(trialIndex, attempt);
}

describe("decide", () => {
  test("fills the free slots with the next waiting trials", () => {
    const state = new LiveRunState(5, nothingKnown);

    const decision = decide(state, policy);

    expect(decision).toEqual({
      dispatch: [
        { trialIndex: 0, attempt: 1 },
        { trialIndex: 1, attempt: 1 },
      ],
      isOver: false,
    });
  });

  test("does not change the state it is asked about", () => {
    const state = new LiveRunState(3, nothingKnown);

    const first = decide(state, policy);
    const second = decide(state, policy);

    expect(second).toEqual(first);
  });

  test("never dispatches trials that were finished before", () => {
    const state = new LiveRunState(4, { finished: new Set([0]), cached: new Set([2]) });

    const decision = decide(state, { ...policy, slots: 10 });

    expect(decision.dispatch.map(({ trialIndex }) => trialIndex)).toEqual([1, 3]);
  });

  test("dispatches nothing more once a stop was asked for, and is over when the running trials have ended", () => {
    const state = new LiveRunState(3, nothingKnown);
    dispatchAll(state);

    state.isStopping = true;
    state.apply({ type: "checkpointed", trialIndex: 0, attempt: 1 }, () => false);
    const whileOneRuns = decide(state, policy);
    state.apply({ type: "finished", trialIndex: 1, attempt: 1 }, () => false);
    const afterwards = decide(state, policy);

    expect(whileOneRuns).toEqual({ dispatch: [], isOver: false });
    expect(afterwards).toEqual({ dispatch: [], isOver: true });
    expect(state.counts).toMatchObject({ checkpointed: 1, finished: 1, waiting: 1 });
  });

  test("a run whose trials are all known is over at once", () => {
    const state = new LiveRunState(2, { finished: new Set([0, 1]), cached: new Set() });

    expect(decide(state, policy)).toEqual({ dispatch: [], isOver: true });
  });

  test("a trial whose worker was killed waits for its next attempt behind the others", () => {
    const state = new LiveRunState(3, nothingKnown);
    dispatchAll(state);
    const failure = { kind: "killed", reason: "SIGKILL" } as const;

    state.apply({ type: "failed", trialIndex: 0, attempt: 1, failure }, (kind, attempts) =>
      isRetried(kind, attempts, policy),
    );

    expect(decide(state, { ...policy, slots: 5 }).dispatch).toEqual([
      { trialIndex: 2, attempt: 1 },
      { trialIndex: 0, attempt: 2 },
    ]);
  });

  test.each(["killed", "infrastructure"] as const)("a trial that failed by %s is tried four times", (kind) => {
    const retried = [1, 2, 3, 4].map((attempts) => isRetried({ kind, reason: "" }, attempts, policy));

    expect(retried).toEqual([true, true, true, false]);
  });

  test("a diverged or wrong trial is not tried again", () => {
    expect(isRetried({ kind: "diverged", reason: "" }, 1, policy)).toBe(false);
    expect(isRetried({ kind: "user", reason: "" }, 1, policy)).toBe(false);
  });
});
