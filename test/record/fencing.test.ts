import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClaimLostError } from "../../src/record/held-claim.ts";
import type { AttemptOutcome } from "../../trainer/train-trial.ts";
import { FencedTrial, type Gate } from "./fenced-attempts.ts";

/** Lets so many steps pass (two for each call of the store: before and after its effect), then stalls until `resume`. */
function stallAfter(steps: number): { gate: Gate; stalled: Promise<void>; resume: () => void } {
  let resume = (): void => undefined;
  let stall = (): void => undefined;
  const stalled = new Promise<void>((resolve) => (stall = resolve));
  const resumed = new Promise<void>((resolve) => (resume = resolve));
  let left = steps;
  const gate: Gate = async () => {
    if (left-- === 0) {
      stall();
      await resumed;
    }
  };
  return { gate, stalled, resume };
}

async function countSteps(): Promise<number> {
  let steps = 0;
  const trial = await FencedTrial.create();
  await trial.attempt("a", async () => void steps++);
  return steps;
}

const never = new Promise<never>(() => undefined);

describe("an attempt that died at any of its calls of the store", () => {
  test("is followed by one that loses at most the epoch that was not checkpointed, and leaves one whole record", async () => {
    const steps = await countSteps();
    expect(steps).toBeGreaterThan(80);

    for (let step = 0; step < steps; step++) {
      const trial = await FencedTrial.create();
      const { gate, stalled } = stallAfter(step);
      await Promise.race([trial.attempt("a", gate), stalled]);
      const trainedBefore = trial.trainedEpochs;
      const checkpointed = await trial.checkpointedEpoch();
      await trial.expire();

      const outcome = await trial.attempt("b");

      expect(outcome).toEqual({ type: "finished" });
      expect(await trial.problems(), `died at step ${step}`).toEqual([]);
      expect(trial.trainedEpochs - trainedBefore).toBeLessThanOrEqual(3 - checkpointed);
      expect(trainedBefore - checkpointed).toBeLessThanOrEqual(1);
    }
  });
});

describe("an attempt that stalled at any of its calls, and comes back after its claim expired", () => {
  test("while its successor is at any of its own calls: one attempt wrote the whole record", async () => {
    const steps = await countSteps();
    const types = new Map<string, number>();
    for (let first = 0; first < steps; first++) {
      // All pairs would be 20,000: each stall of the first meets every 7th of the second, each time others.
      for (let second = first % 7; second < steps; second += 7) {
        const trial = await FencedTrial.create();
        const a = stallAfter(first);
        const ends: Promise<AttemptOutcome>[] = [trial.attempt("a", a.gate)];
        await Promise.race([...ends, a.stalled]);
        await trial.expire();
        const b = stallAfter(second);
        ends.push(trial.attempt("b", b.gate));
        await Promise.race([ends[1] ?? never, b.stalled]);

        a.resume();
        await ends[0];
        b.resume();
        const outcomes = await Promise.all(ends);

        for (const { type } of outcomes) types.set(type, (types.get(type) ?? 0) + 1);
        expect(await trial.problems(), `stalled at ${first}, came back at ${second}`).toEqual([]);
      }
    }
    expect([...types.keys()].sort()).toEqual(["finished", "held", "superseded"]);
  }, 60_000);

  test("does its successor's checkpoints no harm", async () => {
    const steps = await countSteps();
    for (let first = 0; first < steps; first++) {
      for (let second = first % 11; second < steps; second += 11) {
        const trial = await FencedTrial.create();
        const a = stallAfter(first);
        const end = trial.attempt("a", a.gate);
        await Promise.race([end, a.stalled]);
        await trial.expire();
        const b = stallAfter(second);
        await Promise.race([trial.attempt("b", b.gate), b.stalled]);
        const before = await trial.checkpointedEpoch();

        a.resume();
        await end;

        expect(await trial.checkpointedEpoch(), `${first}, ${second}`).toBeGreaterThanOrEqual(before);
      }
    }
  }, 60_000);
});

describe("many attempts that stall, die and take over in any order", () => {
  test("leave one whole record, and none is finished without it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 40, maxLength: 400 }), async (choices) => {
        const trial = await FencedTrial.create();
        const waiting: (() => void)[] = [];
        const names = "abcdefgh";
        const outcomes: Promise<AttemptOutcome | undefined>[] = [];
        const gate: Gate = () => new Promise((resolve) => waiting.push(resolve));
        const start = (): void => {
          const name = `${names[outcomes.length % names.length]}${outcomes.length}`;
          outcomes.push(trial.attempt(name, gate).catch((error: unknown) => ignoreLoss(error)));
        };

        start();
        for (const choice of choices) {
          // Everything that can happen without a store call has happened.
          await new Promise((resolve) => setImmediate(resolve));
          if (choice % 23 === 0 && outcomes.length < 8) {
            await trial.expire();
            start();
          } else if (choice % 29 === 0) waiting.splice(choice % Math.max(1, waiting.length), 1);
          else waiting.splice(choice % Math.max(1, waiting.length), 1)[0]?.();
        }
        await new Promise((resolve) => setImmediate(resolve));
        await trial.expire();
        const last = await trial.attempt("last");
        for (let idle = 0; idle < 3; ) {
          await new Promise((resolve) => setImmediate(resolve));
          const next = waiting.splice(0);
          for (const resolve of next) resolve();
          idle = next.length === 0 ? idle + 1 : 0;
        }

        expect(last).toEqual({ type: "finished" });
        expect(await trial.problems()).toEqual([]);
      }),
      { numRuns: 300, seed: 6, endOnFailure: true },
    );
  }, 120_000);
});

function ignoreLoss(error: unknown): undefined {
  if (!(error instanceof ClaimLostError)) throw error;
  return undefined;
}
