import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import type { Executor, TrialEvent } from "../../src/execute/executor.ts";
import { LocalExecutor } from "../../src/execute/local-executor.ts";
import { randomStream } from "../../src/plan/random.ts";
import {
  describeExecutorContract,
  eventsOf,
  firstAttempts,
  isEnd,
  logOf,
  type OpenExecutor,
} from "../contracts/executor-contract.ts";

const trainer = fileURLToPath(new URL("fake-trainer.mjs", import.meta.url));

function open(slots: number, behaviours: readonly object[], variables: Record<string, string> = {}): Executor {
  const environment = { ...process.env, FAKE_BEHAVIOURS: JSON.stringify(behaviours), ...variables };
  return new LocalExecutor({ trainer, workers: slots, environment, nodeOptions: [] });
}

const openForContract: OpenExecutor = ({ slots, behaviours }) => open(slots, behaviours);

describeExecutorContract("LocalExecutor", openForContract);

async function onlyEnd(behaviour: object, variables: Record<string, string> = {}): Promise<TrialEvent | undefined> {
  const executor = open(1, [behaviour], variables);
  executor.dispatch(firstAttempts(1));
  return (await eventsOf(executor, 1)).find(isEnd);
}

describe("a worker that dies", () => {
  test.each([
    [64, "user"],
    [65, "user"],
    [66, "user"],
    [70, "bug"],
    [71, "memory"],
    [74, "infrastructure"],
    [1, "bug"],
    [0, "bug"],
    [137, "killed"],
    [143, "killed"],
    [134, "killed"],
  ])("with exit code %i fails its attempt as %s, with its last lines in the reason", async (code, kind) => {
    const end = await onlyEnd({ do: "crash", code });

    expect(end).toMatchObject({ type: "failed", failure: { kind } });
    expect(JSON.stringify(end)).toContain("TypeError: x is not a function");
  });

  test("with exit code 75 has checkpointed", async () => {
    expect(await onlyEnd({ do: "checkpointWithoutWord" })).toMatchObject({ type: "checkpointed" });
  });

  test("of SIGKILL fails its attempt as killed, keeps its text and is replaced", async () => {
    const executor = open(1, [{ do: "killItself" }, { do: "finish" }]);

    executor.dispatch(firstAttempts(2));
    const events = await eventsOf(executor, 2);

    expect(events.find((event) => event.type === "failed")).toMatchObject({
      trialIndex: 0,
      failure: { kind: "killed", reason: expect.stringContaining("SIGKILL: out of memory") },
    });
    expect(logOf(events, 0)).toBe("working\n");
    expect(events.at(-1)).toMatchObject({ type: "finished", trialIndex: 1 });
  });

  test.each(["beforeMarkers", "betweenMarkers"])(
    "after its attempt has ended, %s, doesn't take that back",
    async (killAt) => {
      expect(await onlyEnd({ do: "finish", killAt })).toMatchObject({ type: "finished" });
    },
  );
});

describe("an attempt that is interrupted", () => {
  test("and does not end is killed after a grace, and the next one gets another worker", async () => {
    const behaviours = [{ do: "take", milliseconds: 60_000 }, { do: "finish" }];
    const environment = { ...process.env, FAKE_BEHAVIOURS: JSON.stringify(behaviours), FAKE_STOP: "ignored" };
    const executor = new LocalExecutor({ trainer, workers: 1, environment, nodeOptions: [], graceMs: 100 });

    executor.dispatch(firstAttempts(2));
    const events = await eventsOf(executor, 2, (event) => {
      if (event.type === "started" && event.trialIndex === 0) setTimeout(() => executor.interrupt(event), 300);
    });

    expect(events.find(isEnd)).toMatchObject({ type: "failed", trialIndex: 0, failure: { kind: "killed" } });
    expect(events.at(-1)).toMatchObject({ type: "finished", trialIndex: 1 });
  });
});

describe("a worker that can't start", () => {
  test("fails its attempt with what it wrote", async () => {
    const end = await onlyEnd({ do: "finish" }, { FAKE_START: "exit 70", FAKE_GREETING: "no engine here\n" });

    expect(end).toMatchObject({ type: "failed", failure: { kind: "bug" } });
    expect(JSON.stringify(end)).toContain("no engine here");
  });

  test("fails its attempt as the user's if its exit code says so", async () => {
    expect(await onlyEnd({ do: "finish" }, { FAKE_START: "exit 66" })).toMatchObject({ failure: { kind: "user" } });
  });

  test("because its file isn't there fails its attempt with the name of the file", async () => {
    const executor = new LocalExecutor({
      trainer: "/nowhere/trainer.js",
      workers: 1,
      environment: {},
      nodeOptions: [],
    });
    executor.dispatch(firstAttempts(1));

    const events = await eventsOf(executor, 1);

    expect(JSON.stringify(events.find(isEnd))).toContain("/nowhere/trainer.js");
  });

  test("is tried three times in a row; then everything fails at once", async () => {
    const executor = open(1, [], { FAKE_START: "exit 1" });

    executor.dispatch(firstAttempts(1000));
    const events = await eventsOf(executor, 1000);

    const reasons = events.flatMap((event) => (event.type === "failed" ? [event.failure.reason] : []));
    expect(reasons).toHaveLength(1000);
    expect(reasons.filter((reason) => reason.startsWith("no worker is started any more after 3"))).toHaveLength(997);
  });

  test("because it was stopped before it was ready gives its attempt back", async () => {
    const executor = open(1, [{ do: "finish" }], { FAKE_START: "never" });
    executor.dispatch(firstAttempts(1));

    const events = await eventsOf(executor, 1, (event) => {
      if (event.type === "started") executor.stop();
    });

    expect(events.map(({ type }) => type)).toEqual(["started", "checkpointed"]);
  });

  test("and hangs can be killed", async () => {
    const executor = open(1, [{ do: "finish" }], { FAKE_START: "never" });
    executor.dispatch(firstAttempts(1));

    const events = await eventsOf(executor, 1, (event) => {
      if (event.type === "started") executor.kill();
    });

    expect(events.at(-1)).toMatchObject({ type: "failed", failure: { kind: "killed" } });
  });
});

describe("a worker that breaks the protocol", () => {
  test.each(["talkNonsense", "endAnother"])("by %s is ended, and its attempt fails as a bug", async (behaviour) => {
    const end = await onlyEnd({ do: behaviour });

    expect(end).toMatchObject({ type: "failed", failure: { kind: "bug", reason: expect.stringContaining("message") } });
  });
});

describe("what a worker writes", () => {
  test("before its first attempt belongs to that attempt", async () => {
    const executor = open(1, [{ do: "finish", prints: ["hello\n"] }], { FAKE_GREETING: "warning: slow disk\n" });
    executor.dispatch(firstAttempts(1));

    const events = await eventsOf(executor, 1);

    expect(logOf(events, 0).split("\n").sort()).toEqual(["", "hello", "warning: slow disk"]);
  });

  test("is complete when the attempt ends, whether its last line was ended or not", async () => {
    const executor = open(1, [{ do: "finish", printsCharacters: 200_000 }, { do: "finish" }]);
    executor.dispatch(firstAttempts(2));

    const events = await eventsOf(executor, 2);

    expect(logOf(events, 0)).toBe(`${"x".repeat(200_000)}\n`);
    expect(logOf(events, 1)).toBe("");
  });

  test("a loss that is not a number arrives as such", async () => {
    const executor = open(1, [{ do: "diverge" }]);
    executor.dispatch(firstAttempts(1));

    const events = await eventsOf(executor, 1);

    expect(events.find((event) => event.type === "progress")).toMatchObject({ progress: { loss: Number.NaN } });
  });

  test("doesn't pile up before a consumer that is slow", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-flood-"));
    const writesWhenDone = path.join(folder, "done");
    const executor = open(1, [{ do: "flood", lines: 30_000, writesWhenDone }]);
    executor.dispatch(firstAttempts(1));
    await vi.waitFor(() => expect(existsSync(writesWhenDone)).toBe(true), { timeout: 50_000, interval: 50 });
    // What is still between the processes.
    await new Promise((resolve) => setTimeout(resolve, 500));
    rmSync(folder, { recursive: true });

    const events = await eventsOf(executor, 1);

    expect(events.length).toBeLessThan(20);
    expect(logOf(events, 0).length).toBeLessThan(1.2 * 1024 * 1024);
    expect(logOf(events, 0)).toContain("part of the log is left out here");
    expect(events.findLast((event) => event.type === "progress")).toMatchObject({ progress: { loss: 29_999 } });
  });
});

test("what workers have to say of how they compute is said once, however many say it", async () => {
  const behaviours = Array.from({ length: 4 }, () => ({ do: "finish" }));
  const environment = { ...process.env, FAKE_BEHAVIOURS: JSON.stringify(behaviours), FAKE_NOTICE: "stock kernels" };
  const said: string[] = [];
  const executor = new LocalExecutor({
    trainer,
    workers: 2,
    environment,
    nodeOptions: [],
    onNotice: (notice) => said.push(notice),
  });

  executor.dispatch(firstAttempts(4));
  const events = await eventsOf(executor, 4);

  expect(new Set(events.flatMap((event) => (event.type === "started" ? [event.worker] : []))).size).toBe(2);
  expect(said).toEqual(["stock kernels"]);
});

test("a system that refuses another process fails the attempt", async () => {
  const executor = open(1, [{ do: "finish", tooLongForAnyEnvironment: "x".repeat(3_000_000) }]);
  executor.dispatch(firstAttempts(1));

  const events = await eventsOf(executor, 1);

  expect(events.at(-1)).toMatchObject({ failure: { kind: "bug", reason: expect.stringContaining("E2BIG") } });
});

test("of 200 trials on 4 workers that are killed at random, each attempt ends exactly once and keeps its own text", async () => {
  const seed = 20_261_122;
  const places = ["atOnce", "midway", "crash", "beforeMarkers", "betweenMarkers"];
  const behaviours = Array.from({ length: 200 }, (_, trialIndex) => {
    const random = randomStream(seed, trialIndex);
    const dies = [0, 1, 2].map((attempt) => places[random.wordAt(attempt) % 14] ?? "");
    return { do: "chaos", dies, milliseconds: random.wordAt(9) % 6 };
  });
  const executor = open(4, behaviours);
  const ends = new Map<string, number>();
  let trialsLeft = 200;

  executor.dispatch(firstAttempts(200));
  const events: TrialEvent[] = [];
  for await (const event of executor.events()) {
    events.push(event);
    if (!isEnd(event)) continue;
    const id = `${event.trialIndex} ${event.attempt}`;
    ends.set(id, (ends.get(id) ?? 0) + 1);
    if (event.type === "failed" && event.attempt < 4) {
      executor.dispatch([{ trialIndex: event.trialIndex, attempt: event.attempt + 1 }]);
    } else if (--trialsLeft === 0) void executor.close();
  }

  const started = events.filter((event) => event.type === "started");
  expect(started.length).toBeGreaterThan(240);
  expect(ends.size).toBe(started.length);
  expect([...ends.values()].every((count) => count === 1)).toBe(true);
  const finished = events.filter((event) => event.type === "finished");
  expect(new Set(finished.map((event) => event.trialIndex)).size).toBe(200);
  const logs = finished.map(({ trialIndex, attempt }) => logOf(events, trialIndex, attempt).split("\n").sort());
  const expected = finished.map(({ trialIndex, attempt }) => {
    return ["", `err of ${trialIndex} ${attempt}`, `out of ${trialIndex} ${attempt}`];
  });
  expect(logs).toEqual(expected);
});
