import { expect, test } from "vitest";
import type { TrialEvent } from "../../src/execute/executor.ts";
import { WorkerTuner } from "../../src/orchestrate/worker-tuner.ts";

/**
 * Runs endless trials on a machine of which is known how much it gets done in all with so many side by side.
 * @param throughput steps a second of all together
 * @returns numbers of trials side by side, in order
 */
function tune(most: number, throughput: (workers: number) => number): { tuner: WorkerTuner; slots: number[] } {
  let nowMs = 0;
  const tuner = new WorkerTuner(most, () => nowMs);
  const slots = [tuner.slots];
  const steps = Array.from({ length: most }, () => 0);
  for (let tick = 0; tick < 400; tick++) {
    nowMs += 250;
    const running = tuner.slots;
    for (let trialIndex = 0; trialIndex < running; trialIndex++) {
      steps[trialIndex] = (steps[trialIndex] ?? 0) + throughput(running) / running / 4;
      tuner.onEvent(progressOf(trialIndex, steps[trialIndex] ?? 0));
    }
    if (tuner.slots !== slots.at(-1)) slots.push(tuner.slots);
  }
  return { tuner, slots };
}

function progressOf(trialIndex: number, step: number, epoch = 1): TrialEvent {
  const progress = { epoch, epochCount: 9, step, stepCount: 1e9 };
  return { type: "progress", trialIndex, attempt: 1, progress };
}

test("on a machine that gains with every worker, all are used in the end", () => {
  const { tuner, slots } = tune(12, (workers) => 100 * workers ** 0.9);

  expect(slots).toEqual([1, 2, 4, 8, 12]);
  expect(tuner.result).toMatchObject({ workers: 12, tried: 12 });
  expect(tuner.result?.gain).toBeCloseTo(12 ** 0.9, 5);
});

test("where more get no more done, it goes back to the number that gained last", () => {
  const { tuner, slots } = tune(64, (workers) => 100 * Math.min(workers, 4));

  expect(slots).toEqual([1, 2, 4, 8, 4]);
  expect(tuner.result).toEqual({ workers: 4, tried: 8, gain: 4 });
});

test("where a second one gets in the way of the first, one is left", () => {
  expect(tune(2, () => 100).slots).toEqual([1, 2, 1]);
});

test("evaluations between epochs don't count as slow steps", () => {
  let nowMs = 0;
  const tuner = new WorkerTuner(2, () => nowMs);
  const steps = [0, 0];
  for (let epoch = 1; epoch <= 8; epoch++) {
    nowMs += 2000 * tuner.slots;
    for (let message = 0; message < 3; message++) {
      nowMs += 250;
      for (let trial = 0; trial < tuner.slots; trial++) {
        steps[trial] = (steps[trial] ?? 0) + 10;
        tuner.onEvent(progressOf(trial, steps[trial] ?? 0, epoch));
      }
    }
  }

  expect(tuner.result).toEqual({ workers: 2, tried: 2, gain: 2 });
});

test("trials that show no rate end the measuring after a while: all workers are used", () => {
  let nowMs = 0;
  const tuner = new WorkerTuner(8, () => nowMs);
  for (let epoch = 1; epoch < 9; epoch++) {
    nowMs += 3000;
    tuner.onEvent(progressOf(0, epoch, epoch));
  }

  expect(tuner.slots).toBe(8);
  expect(tuner.result).toBeUndefined();
});

test("a trial that ends between two stages leaves nothing to compare: all workers are used", () => {
  let nowMs = 0;
  const tuner = new WorkerTuner(4, () => nowMs);
  for (let message = 0; message < 30; message++) {
    nowMs += 250;
    for (let slot = 0; slot < tuner.slots; slot++)
      tuner.onEvent(progressOf(10 * tuner.slots + slot, 10 * message + 10));
  }

  expect(tuner.slots).toBe(4);
  expect(tuner.result).toBeUndefined();
});

test("told to measure no longer, it lets all be used and has found out nothing", () => {
  const tuner = new WorkerTuner(8, () => 0);

  tuner.abandon();

  expect(tuner.slots).toBe(8);
  expect(tuner.result).toBeUndefined();
});

test("told so after it has found out, it stays with that", () => {
  const { tuner } = tune(64, (workers) => 100 * Math.min(workers, 4));

  tuner.abandon();

  expect(tuner.slots).toBe(4);
  expect(tuner.result).toMatchObject({ workers: 4 });
});
