import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Failure } from "../../src/contract/worker-messages.ts";
import type { Attempt } from "../../src/execute/executor.ts";
import { InMemoryExecutor } from "../../src/execute/in-memory-executor.ts";
import type { AttemptEnd } from "../../src/execute/slot-pool.ts";
import { processClock } from "../../src/orchestrate/run-clock.ts";
import { defaultRetries } from "../../src/orchestrate/run-policy.ts";
import { LiveRunState } from "../../src/orchestrate/run-state.ts";
import { runTrials, type RunJournal } from "../../src/orchestrate/run-trials.ts";

const killed: Failure = { kind: "killed", reason: "SIGKILL" };
const diverged: Failure = { kind: "diverged", reason: "loss is NaN" };

/** Runs trials on an executor whose attempts end as `end` says; tells which attempts ran and what was written down. */
async function runAll(options: {
  readonly trials: number;
  readonly slots: number;
  readonly known?: { readonly finished: ReadonlySet<number>; readonly cached: ReadonlySet<number> };
  readonly end: (attempt: Attempt) => AttemptEnd;
  readonly stopAfter?: number;
}) {
  const attempts: string[] = [];
  const failures: string[] = [];
  const stop = new AbortController();
  const executor = new InMemoryExecutor({
    slots: options.slots,
    async run(attempt) {
      attempts.push(`${attempt.trialIndex}/${attempt.attempt}`);
      await Promise.resolve();
      return options.end(attempt);
    },
  });
  const journal: RunJournal = {
    log: () => undefined,
    flushLog: () => Promise.resolve(),
    failure: ({ trialIndex }, { kind }) => Promise.resolve(void failures.push(`${trialIndex} ${kind}`)),
  };
  const state = new LiveRunState(options.trials, options.known ?? { finished: new Set(), cached: new Set() });
  let finished = 0;
  const onEvent = ({ type }: { readonly type: string }): void => {
    if (type === "finished" && ++finished === options.stopAfter) stop.abort();
  };
  const control = { stop: stop.signal, kill: new AbortController().signal, onEvent };
  const policy = { slots: options.slots, retries: defaultRetries, pricePerHour: 0 };
  await runTrials(state, policy, { executor, journal, control, clock: processClock });
  return { attempts, failures, state };
}

describe("runTrials", () => {
  test("runs each trial once when nothing goes wrong", async () => {
    const { attempts, state } = await runAll({ trials: 5, slots: 2, end: () => ({ type: "finished" }) });

    expect(attempts).toEqual(["0/1", "1/1", "2/1", "3/1", "4/1"]);
    expect(state.counts).toMatchObject({ finished: 5, running: 0, waiting: 0 });
  });

  test("runs nothing that was finished before, and ends at once when all is", async () => {
    const known = { finished: new Set([0, 1]), cached: new Set([2]) };

    const { attempts } = await runAll({ trials: 3, slots: 2, known, end: () => ({ type: "finished" }) });

    expect(attempts).toEqual([]);
  });

  test("tries a trial whose worker is always killed four times, then goes on without it", async () => {
    const { attempts, failures, state } = await runAll({
      trials: 3,
      slots: 1,
      end: ({ trialIndex }) => (trialIndex === 1 ? { type: "failed", failure: killed } : { type: "finished" }),
    });

    expect(attempts).toEqual(["0/1", "1/1", "2/1", "1/2", "1/3", "1/4"]);
    expect(failures).toHaveLength(4);
    expect(state.trials[1]).toEqual({ type: "failed", attempts: 4, failure: killed });
  });

  test("a diverged trial fails alone, without another attempt", async () => {
    const { attempts, state } = await runAll({
      trials: 3,
      slots: 3,
      end: ({ trialIndex }) => (trialIndex === 0 ? { type: "failed", failure: diverged } : { type: "finished" }),
    });

    expect(attempts).toHaveLength(3);
    expect(state.counts).toMatchObject({ finished: 2, failed: 1 });
  });

  test("starts nothing new after a stop", async () => {
    const { attempts, state } = await runAll({
      trials: 10,
      slots: 1,
      stopAfter: 3,
      end: () => ({ type: "finished" }),
    });

    expect(attempts).toEqual(["0/1", "1/1", "2/1"]);
    expect(state.counts.waiting).toBe(7);
  });

  test("whatever is killed, however often, every trial is finished once or has used up its attempts", async () => {
    const killsPerTrial = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 40 });

    await fc.assert(
      fc.asyncProperty(killsPerTrial, fc.integer({ min: 1, max: 8 }), async (kills, slots) => {
        const { attempts, state } = await runAll({
          trials: kills.length,
          slots,
          end: ({ trialIndex, attempt }) =>
            attempt <= (kills[trialIndex] ?? 0) ? { type: "failed", failure: killed } : { type: "finished" },
        });

        expect(new Set(attempts).size).toBe(attempts.length);
        kills.forEach((count, index) => {
          const made = attempts.filter((attempt) => attempt.startsWith(`${index}/`)).length;
          expect(made).toBe(Math.min(count, defaultRetries.killed) + 1);
          expect(state.trials[index]?.type).toBe(count <= defaultRetries.killed ? "finished" : "failed");
        });
      }),
      { seed: 20_261_122, numRuns: 60 },
    );
  });
});
