import { expect, test } from "vitest";
import { EpochStopwatch } from "../../trainer/epoch-stopwatch.ts";
import { FakeClock } from "./fake-clock.ts";

test("an epoch's seconds include its evaluation, its examples per second only its training", () => {
  const clock = new FakeClock();
  const stopwatch = new EpochStopwatch(clock, 0);

  clock.advance(2000);
  stopwatch.markTrained();
  clock.advance(1000);

  expect(stopwatch.timing(1, 1, 500)).toEqual({ epoch: 1, attempt: 1, seconds: 3, examplesPerSecond: 250 });
});

test("examples that an earlier attempt trained don't count", () => {
  const clock = new FakeClock();
  const stopwatch = new EpochStopwatch(clock, 300);

  clock.advance(2000);
  stopwatch.markTrained();

  expect(stopwatch.timing(4, 2, 500)).toEqual({ epoch: 4, attempt: 2, seconds: 2, examplesPerSecond: 100 });
});

test("an attempt that only evaluates an epoch trains no examples per second", () => {
  const clock = new FakeClock();
  const stopwatch = new EpochStopwatch(clock, 500);

  stopwatch.markTrained();
  clock.advance(1000);

  expect(stopwatch.timing(4, 2, 500)).toMatchObject({ seconds: 1, examplesPerSecond: 0 });
});
