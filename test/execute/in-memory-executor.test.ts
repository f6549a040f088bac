import { expect, test } from "vitest";
import { type AttemptFunction, InMemoryExecutor } from "../../src/execute/in-memory-executor.ts";
import { type Behaviour, describeExecutorContract, eventsOf, firstAttempts } from "../contracts/executor-contract.ts";

function pretend(behaviours: readonly Behaviour[]): AttemptFunction {
  return async ({ trialIndex }, { progress, log, stop }) => {
    const behaviour = behaviours[trialIndex];
    const tellProgress = () => progress({ epoch: 1, epochCount: 1, step: 1, stepCount: 2, loss: 0.5 });
    switch (behaviour?.do) {
      case "finish":
        tellProgress();
        for (const text of behaviour.prints ?? []) log(text);
        return { type: "finished" };
      case "take":
        await new Promise((resolve) => setTimeout(resolve, behaviour.milliseconds));
        return { type: "finished" };
      case "fail":
        return { type: "failed", failure: { kind: behaviour.kind, reason: behaviour.reason } };
      case "train":
        tellProgress();
        await new Promise((resolve) => stop.addEventListener("abort", resolve));
        return { type: "checkpointed" };
      default:
        throw new Error("x is not a function");
    }
  };
}

describeExecutorContract(
  "InMemoryExecutor",
  ({ slots, behaviours }) => new InMemoryExecutor({ slots, run: pretend(behaviours) }),
);

test("what a killed attempt still does is not told", async () => {
  let wasTold = false;
  const executor = new InMemoryExecutor({
    slots: 1,
    run: async (_, { progress, log }) => {
      progress({ epoch: 1, epochCount: 1, step: 1, stepCount: 1 });
      await new Promise((resolve) => setTimeout(resolve, 5));
      log("late");
      wasTold = true;
      return { type: "finished" };
    },
  });

  executor.dispatch(firstAttempts(1));
  const events = await eventsOf(executor, 1, (event) => {
    if (event.type === "progress") executor.kill();
  });
  await expect.poll(() => wasTold).toBe(true);

  expect(events.map(({ type }) => type)).toEqual(["started", "progress", "failed"]);
});

test("an executor without slots is refused", () => {
  expect(() => new InMemoryExecutor({ slots: 0, run: pretend([]) })).toThrow(RangeError);
});
