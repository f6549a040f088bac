import { describe, expect, test } from "vitest";
import { objectKeys } from "../../src/contract/object-keys.ts";
import { EventQueue } from "../../src/execute/event-queue.ts";
import { InMemoryExecutor } from "../../src/execute/in-memory-executor.ts";
import { processClock } from "../../src/orchestrate/run-clock.ts";
import { defaultRetries } from "../../src/orchestrate/run-policy.ts";
import { LiveRunState } from "../../src/orchestrate/run-state.ts";
import { runTrials, type RunJournal } from "../../src/orchestrate/run-trials.ts";
import { SharingExecutor } from "../../src/orchestrate/sharing-executor.ts";
import { ClaimWatch } from "../../src/record/claim-watch.ts";
import { claimTrial } from "../../src/record/claims.ts";
import { recordFinished } from "../../src/record/ledger.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { attemptClaimed } from "../../trainer/claimed-attempt.ts";
import { trialId, trialKey } from "../record/sample-run.ts";

const silentJournal: RunJournal = {
  log: () => undefined,
  flushLog: () => Promise.resolve(),
  failure: () => Promise.resolve(),
};

/** Runs all trials as one of several orchestrators on a store; `trained` takes the trials that it trained itself. */
async function orchestrate(
  store: MemoryStore,
  options: { name: string; trials: number; trained: number[]; stop?: AbortSignal; onHeld?: () => void },
): Promise<LiveRunState> {
  const { name, trials, trained, stop = new AbortController().signal, onHeld } = options;
  const inner = new InMemoryExecutor({
    slots: 2,
    run: ({ trialIndex }) => {
      const id = trialId(trialIndex);
      const place = { experiment: "sample", runId: "r", trialId: id, ignoresLedger: false };
      return attemptClaimed({ ...place, store, session: name, beatMs: 10_000 }, async () => {
        trained.push(trialIndex);
        await new Promise((resolve) => setTimeout(resolve, 2));
        await store.put(`${trialKey("r", trialIndex)}/result.json`, new Uint8Array());
        await recordFinished(store, { schemaVersion: 1, trialId: id, experiment: "sample", runId: "r" });
        return { type: "finished" };
      });
    },
  });
  const executor = new SharingExecutor(inner, {
    watch: new ClaimWatch(store, 60),
    claimKey: (trialIndex) => objectKeys.claim(trialId(trialIndex)),
    lookEveryMs: 5,
  });
  const state = new LiveRunState(trials, { finished: new Set(), cached: new Set() });
  const onEvent = ({ type }: { readonly type: string }): void => void (type === "held" && onHeld?.());
  const control = { stop, kill: new AbortController().signal, onEvent };
  const policy = { slots: executor.slots, retries: defaultRetries, pricePerHour: 0 };
  await runTrials(state, policy, { executor, journal: silentJournal, control, clock: processClock });
  return state;
}

/** Leaves a claim of a process that nobody can ask for, as after a crash on another machine. */
async function abandon(store: MemoryStore, trialIndex: number): Promise<void> {
  const id = trialId(trialIndex);
  const place = { store, key: objectKeys.claim(id), trialId: id };
  await claimTrial(place, { experiment: "sample", runId: "r", session: "elsewhere" });
}

describe("orchestrators that share a store", () => {
  test("train each trial once, and all end with all of them", async () => {
    const store = new MemoryStore();
    const trained: number[] = [];

    const states = await Promise.all(["a", "b", "c"].map((name) => orchestrate(store, { name, trials: 30, trained })));

    expect(trained.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index));
    for (const { counts } of states) expect(counts).toMatchObject({ finished: 30, elsewhere: 0, running: 0 });
  });

  test("take over what shows no sign of life any more, after all the rest", async () => {
    const store = new MemoryStore();
    const trained: number[] = [];
    await abandon(store, 0);

    const { counts } = await orchestrate(store, { name: "a", trials: 4, trained });

    expect(counts.finished).toBe(4);
    expect(trained).toEqual([1, 2, 3, 0]);
  });

  test("end when they are stopped, though others still train", async () => {
    const store = new MemoryStore();
    const stop = new AbortController();
    await abandon(store, 0);

    const { counts } = await orchestrate(store, {
      name: "a",
      trials: 1,
      trained: [],
      stop: stop.signal,
      onHeld: () => stop.abort(),
    });

    expect(counts).toMatchObject({ finished: 0, running: 0 });
  });

  test("go on with a trial though they are told late, and again, that an earlier attempt found it taken", async () => {
    const store = new MemoryStore();
    await abandon(store, 0);
    const inner = new EventQueue();
    const close = (): Promise<void> => Promise.resolve(inner.end());
    const nothing = (): void => undefined;
    const workers = { slots: 1, dispatch: nothing, events: () => inner.iterate(), interrupt: nothing, stop: nothing };
    const executor = new SharingExecutor(
      { ...workers, kill: nothing, close },
      { watch: new ClaimWatch(store, 30), claimKey: () => objectKeys.claim(trialId(0)), lookEveryMs: 5 },
    );

    inner.push({ type: "superseded", trialIndex: 0, attempt: 2 });
    inner.push({ type: "superseded", trialIndex: 0, attempt: 1 });

    for await (const event of executor.events()) {
      if (event.type !== "released") continue;
      expect(event).toEqual({ type: "released", trialIndex: 0, attempt: 2 });
      break;
    }
    await executor.close();
  });
});
