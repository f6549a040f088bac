import { expect, test } from "vitest";
import { EventQueue } from "../../src/execute/event-queue.ts";
import type { TrialEvent } from "../../src/execute/executor.ts";

const id = { trialIndex: 0, attempt: 1 };

function progress(step: number): TrialEvent {
  return { ...id, type: "progress", progress: { epoch: 1, epochCount: 1, step, stepCount: 100 } };
}

async function consume(queue: EventQueue): Promise<TrialEvent[]> {
  const events: TrialEvent[] = [];
  for await (const event of queue.iterate()) events.push(event);
  return events;
}

test("of progress that was not consumed, only the newest is kept", async () => {
  const queue = new EventQueue();

  for (let step = 1; step <= 100; step++) queue.push(progress(step));
  queue.end();

  expect(await consume(queue)).toEqual([progress(100)]);
});

test("text that was not consumed is one event in front of the attempt's end", async () => {
  const queue = new EventQueue();

  queue.push({ ...id, type: "started", worker: "worker 1" });
  queue.push({ ...id, type: "log", text: "a" });
  queue.push(progress(1));
  queue.push({ ...id, type: "log", text: "b" });
  queue.push({ ...id, type: "finished" });
  queue.end();

  const events = await consume(queue);
  expect(events.map(({ type }) => type)).toEqual(["started", "log", "progress", "finished"]);
  expect(events[1]).toMatchObject({ text: "ab" });
});

test("of much text that was not consumed, the beginning and the end are kept", async () => {
  const queue = new EventQueue();

  queue.push({ ...id, type: "log", text: "first\n" });
  for (let line = 0; line < 5000; line++) queue.push({ ...id, type: "log", text: `${"x".repeat(999)}\n` });
  queue.push({ ...id, type: "log", text: "last\n" });
  queue.end();

  const [event] = await consume(queue);
  const text = event?.type === "log" ? event.text : "";
  expect(text).toMatch(/^first\n/);
  expect(text).toMatch(/last\n$/);
  expect(text.split("left out here")).toHaveLength(2);
  expect(text.length).toBeLessThanOrEqual(1024 * 1024);
});

test("a consumer that waits is woken by the next event", async () => {
  const queue = new EventQueue();
  const events = consume(queue);
  await new Promise((resolve) => setTimeout(resolve, 1));

  queue.push(progress(1));
  await new Promise((resolve) => setTimeout(resolve, 1));
  queue.push(progress(2));
  await new Promise((resolve) => setTimeout(resolve, 1));
  queue.end();

  expect(await events).toEqual([progress(1), progress(2)]);
});

test("what is pushed while the consumer is busy comes in the same round", async () => {
  const queue = new EventQueue();
  queue.push(progress(1));
  const steps: number[] = [];

  for await (const event of queue.iterate()) {
    if (event.type === "progress") steps.push(event.progress.step);
    if (steps.length < 3) queue.push(progress(steps.length + 1));
    else queue.end();
  }

  expect(steps).toEqual([1, 2, 3]);
});

test("nothing is kept for a consumer that has left", async () => {
  const queue = new EventQueue();
  queue.push(progress(1));
  for await (const event of queue.iterate()) {
    expect(event).toEqual(progress(1));
    break;
  }

  expect(() => queue.push(progress(2))).not.toThrow();
  await expect(consume(queue)).rejects.toThrow("once");
});
