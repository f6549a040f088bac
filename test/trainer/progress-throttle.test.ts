import { expect, test } from "vitest";
import type { TrialProgress } from "../../src/contract/worker-messages.ts";
import { ProgressThrottle } from "../../trainer/progress-throttle.ts";
import { FakeClock } from "./fake-clock.ts";

const progress: TrialProgress = { epoch: 1, epochCount: 1, step: 1, stepCount: 10 };

test("progress is passed on at once, and then at most four times a second", () => {
  const clock = new FakeClock();
  const passedOn: number[] = [];
  const throttle = new ProgressThrottle(clock, ({ step }) => passedOn.push(step));

  // A step every 100 ms, for a second.
  for (let step = 1; step <= 10; step++) {
    throttle.offer({ ...progress, step });
    clock.advance(100);
  }

  expect(passedOn).toEqual([1, 4, 7, 10]);
});

test("the end of an epoch is always passed on", () => {
  const clock = new FakeClock();
  const passedOn: number[] = [];
  const throttle = new ProgressThrottle(clock, ({ step }) => passedOn.push(step));

  throttle.offer({ ...progress, step: 1 });
  throttle.offer({ ...progress, step: 2, isEpochEnd: true });
  throttle.offer({ ...progress, step: 3 });

  expect(passedOn).toEqual([1, 2]);
});
