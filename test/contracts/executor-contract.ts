import { describe, expect, test } from "vitest";
import type { Attempt, Executor, TrialEvent } from "../../src/execute/executor.ts";

/** What the pretended trainer does with a trial. */
export type Behaviour =
  | { readonly do: "finish"; readonly prints?: readonly string[] }
  /** Waits for `milliseconds`, then finishes. */
  | { readonly do: "take"; readonly milliseconds: number }
  | { readonly do: "fail"; readonly kind: "user" | "diverged"; readonly reason: string }
  /** Ends in a way that no trainer should. */
  | { readonly do: "crash" }
  /** Trains until it is told to stop, then checkpoints. */
  | { readonly do: "train" };

/** Makes the executor under test; trial i behaves as `behaviours[i]` says. */
export type OpenExecutor = (options: { slots: number; behaviours: readonly Behaviour[] }) => Executor;

/** One first attempt at each of the first `count` trials. */
export function firstAttempts(count: number): Attempt[] {
  return Array.from({ length: count }, (_, trialIndex) => ({ trialIndex, attempt: 1 }));
}

/** Whether an event is the last of its attempt. */
export function isEnd({ type }: TrialEvent): boolean {
  return type === "finished" || type === "failed" || type === "checkpointed";
}

/** Consumes events until `count` attempts have ended, and closes the executor. @returns all events till then */
export async function eventsOf(
  executor: Executor,
  count: number,
  onEvent: (event: TrialEvent) => void = () => undefined,
): Promise<TrialEvent[]> {
  const events: TrialEvent[] = [];
  let endCount = 0;
  if (count === 0) await executor.close();
  for await (const event of executor.events()) {
    events.push(event);
    onEvent(event);
    if (isEnd(event) && ++endCount === count) void executor.close();
  }
  return events;
}

/** Everything that a trial printed in an attempt. */
export function logOf(events: readonly TrialEvent[], trialIndex: number, attempt = 1): string {
  const logs = events.filter((event) => event.trialIndex === trialIndex && event.attempt === attempt);
  return logs.map((event) => (event.type === "log" ? event.text : "")).join("");
}

function typesOf(events: readonly TrialEvent[], trialIndex: number): string[] {
  const ofTrial = events.filter((event) => event.trialIndex === trialIndex);
  return ofTrial.map((event) => event.type).filter((type) => type !== "log");
}

function mostAtOnce(events: readonly TrialEvent[]): number {
  let running = 0;
  let most = 0;
  for (const event of events) {
    if (event.type === "started") most = Math.max(most, ++running);
    else if (isEnd(event)) running--;
  }
  return most;
}

/** What every executor must do. */
export function describeExecutorContract(name: string, open: OpenExecutor): void {
  describe(`${name} as an executor`, () => {
    test("a trial that finishes is started, tells its progress and finishes", async () => {
      const executor = open({ slots: 1, behaviours: [{ do: "finish" }] });

      executor.dispatch(firstAttempts(1));
      const events = await eventsOf(executor, 1);

      expect(typesOf(events, 0)).toEqual(["started", "progress", "finished"]);
      expect(events.find((event) => event.type === "progress")).toEqual({
        type: "progress",
        trialIndex: 0,
        attempt: 1,
        progress: { epoch: 1, epochCount: 1, step: 1, stepCount: 2, loss: 0.5 },
      });
    });

    test("a failure is passed on as the trial described it", async () => {
      const failure = { kind: "diverged", reason: "the loss became NaN at step 7" } as const;
      const executor = open({ slots: 1, behaviours: [{ do: "fail", ...failure }] });

      executor.dispatch(firstAttempts(1));
      const events = await eventsOf(executor, 1);

      expect(events.at(-1)).toEqual({ type: "failed", trialIndex: 0, attempt: 1, failure });
    });

    test("a trial that crashes fails as a bug, and the next one runs", async () => {
      const executor = open({ slots: 1, behaviours: [{ do: "crash" }, { do: "finish" }] });

      executor.dispatch(firstAttempts(2));
      const events = await eventsOf(executor, 2);

      expect(typesOf(events, 0)).toEqual(["started", "failed"]);
      expect(events.find((event) => event.type === "failed")).toMatchObject({
        trialIndex: 0,
        failure: { kind: "bug" },
      });
      expect(typesOf(events, 1)).toEqual(["started", "progress", "finished"]);
    });

    test("each trial's text is told under its own name, before its end", async () => {
      const texts = ["a\n", "b\nbb\n", "c\n", "d\n", "e\n"];
      const behaviours = texts.map((text): Behaviour => ({ do: "finish", prints: [text] }));
      const executor = open({ slots: 2, behaviours });

      executor.dispatch(firstAttempts(5));
      const events = await eventsOf(executor, 5);

      expect(texts.map((_, trialIndex) => logOf(events, trialIndex))).toEqual(texts);
      const lastOfEach = texts.map(
        (_, trialIndex) => events.findLast((event) => event.trialIndex === trialIndex)?.type,
      );
      expect(lastOfEach).toEqual(texts.map(() => "finished"));
    });

    test("no more attempts run side by side than there are slots, and the slots are used", async () => {
      const behaviours = Array.from({ length: 9 }, (): Behaviour => ({ do: "take", milliseconds: 30 }));
      const executor = open({ slots: 3, behaviours });

      executor.dispatch(firstAttempts(9));
      const events = await eventsOf(executor, 9);

      expect(executor.slots).toBe(3);
      expect(mostAtOnce(events)).toBe(3);
      expect(events.filter((event) => event.type === "finished")).toHaveLength(9);
    });

    test("attempts start in the order in which they were dispatched", async () => {
      const behaviours = Array.from({ length: 6 }, (): Behaviour => ({ do: "finish" }));
      const executor = open({ slots: 1, behaviours });

      executor.dispatch(firstAttempts(6).slice(3));
      executor.dispatch(firstAttempts(6).slice(0, 3));
      const events = await eventsOf(executor, 6);

      const started = events.filter((event) => event.type === "started").map((event) => event.trialIndex);
      expect(started).toEqual([3, 4, 5, 0, 1, 2]);
    });

    test("attempts can be dispatched while others run", async () => {
      const executor = open({ slots: 1, behaviours: [{ do: "fail", kind: "user", reason: "once" }] });

      executor.dispatch(firstAttempts(1));
      const events = await eventsOf(executor, 2, (event) => {
        if (event.type === "failed" && event.attempt === 1) executor.dispatch([{ trialIndex: 0, attempt: 2 }]);
      });

      const ends = events.filter(isEnd).map(({ attempt }) => attempt);
      expect(ends).toEqual([1, 2]);
    });

    test("on stop, what runs checkpoints, and what waits is given back without having started", async () => {
      const executor = open({ slots: 1, behaviours: [{ do: "train" }, { do: "finish" }, { do: "finish" }] });

      executor.dispatch(firstAttempts(3));
      const events = await eventsOf(executor, 3, (event) => {
        if (event.type === "progress") executor.stop();
      });

      expect(typesOf(events, 0)).toEqual(["started", "progress", "checkpointed"]);
      expect(typesOf(events, 1)).toEqual(["checkpointed"]);
      expect(typesOf(events, 2)).toEqual(["checkpointed"]);
    });

    test("what is dispatched after stop is given back", async () => {
      const executor = open({ slots: 1, behaviours: [{ do: "finish" }] });

      executor.stop();
      executor.dispatch(firstAttempts(1));
      const events = await eventsOf(executor, 1);

      expect(typesOf(events, 0)).toEqual(["checkpointed"]);
    });

    test("an attempt that is interrupted checkpoints, and the next one runs in its slot", async () => {
      const executor = open({ slots: 1, behaviours: [{ do: "train" }, { do: "finish" }] });

      executor.dispatch(firstAttempts(2));
      const events = await eventsOf(executor, 2, (event) => {
        if (event.type === "progress" && event.trialIndex === 0) executor.interrupt(event);
      });

      expect(typesOf(events, 0)).toEqual(["started", "progress", "checkpointed"]);
      expect(typesOf(events, 1)).toEqual(["started", "progress", "finished"]);
    });

    test("an attempt that is interrupted while it waits is given back, and one that is over is left alone", async () => {
      const behaviours = Array.from({ length: 3 }, (): Behaviour => ({ do: "take", milliseconds: 20 }));
      const executor = open({ slots: 1, behaviours });

      executor.dispatch(firstAttempts(3));
      const events = await eventsOf(executor, 3, (event) => {
        if (event.type === "started" && event.trialIndex === 0) executor.interrupt({ trialIndex: 1, attempt: 1 });
        if (event.type === "finished") executor.interrupt({ trialIndex: 0, attempt: 1 });
      });

      expect(typesOf(events, 1)).toEqual(["checkpointed"]);
      expect(typesOf(events, 2)).toEqual(["started", "finished"]);
    });

    test("on kill, what runs fails as killed, and what waits is given back", async () => {
      const executor = open({ slots: 1, behaviours: [{ do: "train" }, { do: "finish" }] });

      executor.dispatch(firstAttempts(2));
      const events = await eventsOf(executor, 2, (event) => {
        if (event.type === "progress") executor.kill();
      });

      expect(typesOf(events, 0)).toEqual(["started", "progress", "failed"]);
      expect(events.find((event) => event.type === "failed")).toMatchObject({ failure: { kind: "killed" } });
      expect(typesOf(events, 1)).toEqual(["checkpointed"]);
    });

    test("close checkpoints what still runs and ends the events", async () => {
      const executor = open({ slots: 2, behaviours: [{ do: "train" }, { do: "train" }] });
      executor.dispatch(firstAttempts(2));
      let progressCount = 0;

      const events: TrialEvent[] = [];
      for await (const event of executor.events()) {
        events.push(event);
        if (event.type === "progress" && ++progressCount === 2) void executor.close();
      }

      expect(events.filter(isEnd).map(({ type }) => type)).toEqual(["checkpointed", "checkpointed"]);
    });

    test("an executor without work closes, even if nobody reads its events", async () => {
      const executor = open({ slots: 2, behaviours: [] });

      await expect(executor.close()).resolves.toBeUndefined();
    });

    test("nothing can be dispatched after close", async () => {
      const executor = open({ slots: 1, behaviours: [{ do: "finish" }] });
      await executor.close();

      expect(() => executor.dispatch(firstAttempts(1))).toThrow("closed");
    });

    test("the events can't be iterated twice", async () => {
      const executor = open({ slots: 1, behaviours: [] });
      await eventsOf(executor, 0);

      await expect(eventsOf(executor, 0)).rejects.toThrow("once");
    });
  });
}
