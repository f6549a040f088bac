import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { objectKeys } from "../../../src/contract/object-keys.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { saveCheckpoint } from "../../../src/record/checkpoint-store.ts";
import { collectGarbage, loadOwners } from "../../../src/record/garbage/collect-garbage.ts";
import { planGarbage, type GarbagePlan, type GarbageRules } from "../../../src/record/garbage/plan-garbage.ts";
import { findIdleClaims, listClaims, removeIdleClaims } from "../../../src/record/garbage/idle-claims.ts";
import { planCleaning, sizeOf, type AgeRules } from "../../../src/record/garbage/select-runs.ts";
import { surveyRuns, type StoredRun } from "../../../src/record/garbage/survey-runs.ts";
import { findFinished } from "../../../src/record/ledger.ts";
import { loadRun } from "../../../src/record/load-run.ts";
import { MemoryStore } from "../../../src/record/memory-store.ts";
import { claimTrial } from "../../../src/record/claims.ts";
import type { HeldClaim } from "../../../src/record/held-claim.ts";
import { sealRun } from "../../../src/record/run-seal.ts";
import { processSpace } from "../../../src/record/process-space.ts";
import { writeSession } from "../../../src/record/run-sessions.ts";
import { listRuns } from "../../../src/record/run-store.ts";
import type { Store } from "../../../src/record/store.ts";
import { verifyRun } from "../../../src/record/verify-run.ts";
import { tornStore } from "../../trainer/torn-store.ts";
import { beginTrial, finishTrial, samplePlan, startRun, trialId, trialKey } from "../sample-run.ts";

const now = new Date(Date.UTC(2026, 10, 23));

async function addCheckpoint(store: Store, runId: string, index: number): Promise<void> {
  const bytes = new Uint8Array(1000);
  await saveCheckpoint(store, trialKey(runId, index), { step: 5, weights: bytes, optimizer: bytes, state: {} }, 1);
}

/** A run that has finished some of its plan's trials, each with a checkpoint. */
async function makeRun(store: Store, plan: Plan, hour: number, finished: readonly number[]): Promise<string> {
  const runId = await startRun(store, plan, { hour });
  for (const index of finished) {
    await addCheckpoint(store, runId, index);
    await finishTrial(store, plan, runId, index);
  }
  return runId;
}

async function planOf(store: Store, choose: (run: StoredRun) => boolean, checkpointsOnly = false) {
  const runs = await surveyRuns(store, now.getTime());
  const rules: GarbageRules = { runs: new Set(runs.filter(choose)), checkpointsOnly };
  return { runs, plan: planGarbage(runs, rules, await loadOwners(store, runs)) };
}

async function remove(store: Store, choose: (run: StoredRun) => boolean): Promise<GarbagePlan> {
  const { runs, plan } = await planOf(store, choose);
  await collectGarbage(store, plan, { runs, now });
  return plan;
}

async function cleaning(store: Store, rules: AgeRules): Promise<GarbagePlan> {
  const runs = await surveyRuns(store, now.getTime());
  const facts = { owners: await loadOwners(store, runs), nowMs: now.getTime() };
  return planCleaning(runs, { ...rules, checkpointsOnly: false }, facts);
}

const nothing = () => false;
const runIds = ({ removedRuns }: GarbagePlan): string[] => removedRuns.map(({ runId }) => runId);
const reasons = ({ kept }: GarbagePlan): string[] => kept.map(({ reason }) => reason);

describe("the garbage of a store", () => {
  test("is the checkpoints of finished trials, not of those that go on from them", async () => {
    const store = new MemoryStore();
    const plan = samplePlan(2);
    const runId = await makeRun(store, plan, 1, [0]);
    await beginTrial(store, plan, runId, 1);
    await addCheckpoint(store, runId, 1);

    const cleaned = await remove(store, nothing);

    expect(cleaned.removals).toMatchObject([{ what: "checkpoints", trial: { trialId: trialId(0) } }]);
    expect(cleaned.bytes).toBeGreaterThan(2000);
    expect(await store.list(`${trialKey(runId, 0)}/checkpoints/`)).toEqual([]);
    expect(await store.list(`${trialKey(runId, 1)}/checkpoints/`)).toHaveLength(3);
    expect(reasons(cleaned)).toEqual(["its trial is not finished and goes on from there"]);
  });

  test("is no checkpoint that training.checkpoint.keep asks for, unless checkpoints are to go", async () => {
    const store = new MemoryStore();
    const [training] = samplePlan(1).trainings;
    if (training === undefined) throw new Error("the sample plan has a training");
    const trainings = [{ ...training, checkpoint: { everyEpochs: 1, keep: "all" as const } }];
    await makeRun(store, samplePlan(1, { trainings }), 1, [0]);

    const byItself = await planOf(store, nothing);
    const asked = await planOf(store, () => true, true);

    expect(byItself.plan.removals).toEqual([]);
    expect(reasons(byItself.plan)).toEqual(["training.checkpoint.keep asks for its checkpoints"]);
    expect(asked.plan.removals).toMatchObject([{ what: "checkpoints" }]);
    expect(asked.plan.removedRuns).toEqual([]);
  });
});

describe("a run that is removed", () => {
  test("leaves nothing behind, and its trials are unknown to the ledger", async () => {
    const store = new MemoryStore();
    await makeRun(store, samplePlan(2), 1, [0, 1]);

    await remove(store, () => true);

    expect(await store.list("")).toEqual([]);
  });

  test("leaves the trials that another run has taken over, and says for whom", async () => {
    const store = new MemoryStore();
    const first = await makeRun(store, samplePlan(2), 1, [0, 1]);
    const second = await startRun(store, samplePlan(1), { hour: 2 });

    const cleaned = await remove(store, ({ runId }) => runId === first);
    const { trials } = await loadRun(store, "sample", second);

    expect(cleaned.kept).toMatchObject([{ trialId: trialId(0), reason: `sample run ${second} has taken it over` }]);
    expect(trials[0]).toMatchObject({ cachedFrom: first, state: { type: "finished" } });
    expect((await listRuns(store, "sample")).map(({ runId }) => runId)).toEqual([second]);
    expect(await store.list(`${trialKey(first, 1)}/`)).toEqual([]);
  });

  test("goes for good with the last run that needs it", async () => {
    const store = new MemoryStore();
    const first = await makeRun(store, samplePlan(1), 1, [0]);
    await startRun(store, samplePlan(1), { hour: 2 });
    await remove(store, ({ runId }) => runId === first);

    await remove(store, () => true);

    expect(await store.list("")).toEqual([]);
  });

  test("leaves trials whose weights another run's models start from", async () => {
    const store = new MemoryStore();
    const first = await makeRun(store, samplePlan(1), 1, [0]);
    const [model] = samplePlan(1).models;
    if (model === undefined) throw new Error("the sample plan has a model");
    const initialWeights = { spec: { trial: "x" }, sha256: "00", layers: [], trialKey: trialKey(first, 0) };
    const models = [{ ...model, initialWeights }];
    const other = samplePlan(1, {
      experiment: "other",
      models,
      trials: [{ id: trialId(7), configuration: 0, seed: 1 }],
    });
    await startRun(store, other, { hour: 2 });

    const { plan } = await planOf(store, ({ runId }) => runId === first);

    expect(plan.kept).toMatchObject([{ trialId: trialId(0), reason: expect.stringMatching(/start from its weights/) }]);
  });

  test("hands a trial in the ledger to another run that has trained it too", async () => {
    const store = new MemoryStore();
    const first = await makeRun(store, samplePlan(1), 1, [0]);
    const second = await startRun(store, samplePlan(1), { hour: 2, ignoresLedger: true });
    await finishTrial(store, samplePlan(1), second, 0);

    await remove(store, ({ runId }) => runId === first);

    expect((await findFinished(store, [trialId(0)])).get(trialId(0))).toMatchObject({ runId: second });
  });

  test("is not one that a process is running", async () => {
    const store = new MemoryStore();
    const runId = await makeRun(store, samplePlan(1), 1, [0]);
    await writeSession(store, objectKeys.run("sample", runId), {
      schemaVersion: 1,
      sessionId: "s",
      startedAt: now.toISOString(),
      updatedAt: now.toISOString(),
      computingSeconds: 0,
      paidSeconds: 0,
      process: { space: processSpace(), pid: process.pid },
    });

    const { plan } = await planOf(store, () => true);

    expect(plan.removedRuns).toEqual([]);
    expect(reasons(plan)).toEqual(["a process may be running it"]);
  });
});

async function hold(store: Store, runId: string, index: number, key = objectKeys.claim(trialId(index))) {
  const claimant = { experiment: "sample", runId, session: "s" };
  const claimed = await claimTrial({ store, key, trialId: trialId(index) }, claimant);
  if (claimed.type === "held") throw new Error("somebody else has it");
  return claimed.claim;
}

/** Removes runs and the claims that are idle then. */
async function clean(store: Store, choose: (run: StoredRun) => boolean, between: () => Promise<unknown> = noWork) {
  const listed = await listClaims(store);
  const { runs, plan } = await planOf(store, choose);
  const owners = await loadOwners(store, runs);
  const claims = await findIdleClaims(store, { listed, runs, removedRuns: plan.removedRuns, owners });
  await collectGarbage(store, plan, { runs, now });
  await between();
  await removeIdleClaims(store, claims);
}

const noWork = (): Promise<void> => Promise.resolve();

describe("a claim", () => {
  test("that nobody holds goes with the run that its trial belongs to, or once the trial is finished", async () => {
    const store = new MemoryStore();
    const runId = await makeRun(store, samplePlan(3), 1, [0]);
    for (const index of [0, 1]) await (await hold(store, runId, index)).release();

    await clean(store, nothing);
    const whileItIsThere = await store.list("claims/");
    await clean(store, () => true);

    expect(whileItIsThere).toEqual([objectKeys.claim(trialId(1))]);
    expect(await store.list("")).toEqual([]);
  });

  test("that is held stays, whatever it is for", async () => {
    const store = new MemoryStore();
    const runId = await makeRun(store, samplePlan(2), 1, [0]);
    for (const index of [0, 1]) await hold(store, runId, index);

    await clean(store, () => true);

    expect(await store.list("")).toEqual([objectKeys.claim(trialId(0)), objectKeys.claim(trialId(1))]);
  });

  test("of a trial that another run is still to train stays", async () => {
    const store = new MemoryStore();
    const first = await makeRun(store, samplePlan(1), 1, []);
    await startRun(store, samplePlan(1), { hour: 2 });
    await (await hold(store, first, 0)).release();

    await clean(store, ({ runId }) => runId === first);

    expect(await store.list("claims/")).toEqual([objectKeys.claim(trialId(0))]);
  });

  test("of a run that ignores the ledger is its own: what other runs have finished doesn't count", async () => {
    const store = new MemoryStore();
    await makeRun(store, samplePlan(1), 1, [0]);
    const own = await startRun(store, samplePlan(1), { hour: 2, ignoresLedger: true });
    await (await hold(store, own, 0, objectKeys.claim(trialId(0), own))).release();

    await clean(store, nothing);
    const before = await store.list("claims/");
    await clean(store, ({ runId }) => runId === own);

    expect(before).toEqual([objectKeys.claim(trialId(0), own)]);
    expect(await store.list("claims/")).toEqual([]);
  });

  test("that somebody takes up while the store is cleaned stays", async () => {
    const store = new MemoryStore();
    const runId = await makeRun(store, samplePlan(1), 1, [0]);
    await (await hold(store, runId, 0)).release();
    let taken: HeldClaim | undefined;

    await clean(store, nothing, async () => (taken = await hold(store, runId, 0)));

    await expect(taken?.check()).resolves.toBeUndefined();
  });
});

describe("the rest of a run", () => {
  const hasOrigin = async (store: Store, runId: string): Promise<boolean> =>
    (await store.list(`${objectKeys.run("sample", runId)}/provenance/`)).length > 0;

  test("goes with its seal, but where its trials come from stays as long as one of them", async () => {
    const store = new MemoryStore();
    const first = await makeRun(store, samplePlan(2), 1, [0, 1]);
    const run = objectKeys.run("sample", first);
    await store.put(objectKeys.provenance(run, "0123"), new Uint8Array(9));
    await sealRun(store, await loadRun(store, "sample", first), new Set());
    await startRun(store, samplePlan(1), { hour: 2 });

    await remove(store, ({ runId }) => runId === first);
    const [seal, isOriginKept] = [await store.get(objectKeys.seal(run)), await hasOrigin(store, first)];
    await remove(store, () => true);

    expect(seal).toBeUndefined();
    expect(isOriginKept).toBe(true);
    expect(await store.list("")).toEqual([]);
  });
});

describe("runs are selected", () => {
  test("by number, age and size, the oldest first", async () => {
    const store = new MemoryStore();
    const ids: string[] = [];
    for (const hour of [1, 2, 3]) {
      const plan = samplePlan(1, { trials: [{ id: trialId(hour), configuration: 0, seed: 1 }] });
      const runId = await startRun(store, plan, { hour });
      await finishTrial(store, plan, runId, hour);
      ids.push(runId);
    }
    const [one = "", two = "", three = ""] = ids;
    const size = sizeOf((await surveyRuns(store, now.getTime())).find(({ runId }) => runId === three) ?? never());
    const hoursAgo = (hours: number) => hours * 3_600_000;

    expect(runIds(await cleaning(store, {}))).toEqual([]);
    expect(runIds(await cleaning(store, { keepLast: 2 }))).toEqual([one]);
    expect(runIds(await cleaning(store, { olderThanMs: hoursAgo(21.5) }))).toEqual([one, two]);
    expect(runIds(await cleaning(store, { olderThanMs: hoursAgo(21.5), keepLast: 2 }))).toEqual([one]);
    expect(runIds(await cleaning(store, { maxBytes: 2 * size }))).toEqual([one]);
    expect(runIds(await cleaning(store, { maxBytes: 0 }))).toEqual(ids);
  });
});

function never(): never {
  throw new Error("there is such a run");
}

/** Every entry of the ledger has its record, and no finished record lacks a file or was changed. */
async function expectSound(store: Store): Promise<void> {
  const keys = await store.list("trials/");
  for (const index of [0, 1, 2, 3]) {
    const isListed = keys.includes(objectKeys.ledger(trialId(index)));
    expect((await findFinished(store, [trialId(index)])).has(trialId(index))).toBe(isListed);
  }
  for (const { runId } of await listRuns(store, "sample")) {
    const { trials } = await verifyRun(store, "sample", runId);
    // The sample's figures contradict each other; its files are what counts here.
    const problems = trials.flatMap(({ problems }) => problems.map(({ problem }) => problem));
    expect(problems.filter((problem) => /is missing|SHA-256/.test(problem))).toEqual([]);
  }
}

describe("whatever runs share trials, whichever are removed, and whenever that is interrupted", () => {
  const trials = fc.subarray([0, 1, 2, 3], { minLength: 1 });
  const run = fc.record({ planned: trials, finished: trials, isRemoved: fc.boolean() });

  test("the ledger resolves, remaining runs have all they had, and the next cleaning ends the work", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 4 }), fc.nat({ max: 60 }), async (runs, changes) => {
        const store = new MemoryStore();
        const made: { readonly runId: string; readonly isRemoved: boolean }[] = [];
        for (const [hour, { planned, finished, isRemoved }] of runs.entries()) {
          const sample = samplePlan(4);
          const plan = { ...sample, trials: sample.trials.filter((_, index) => planned.includes(index)) };
          const runId = await startRun(store, plan, { hour });
          const known = await findFinished(store, planned.map(trialId));
          for (const index of finished) {
            if (!planned.includes(index) || known.has(trialId(index))) continue;
            await addCheckpoint(store, runId, index);
            await finishTrial(store, plan, runId, index);
          }
          made.push({ runId, isRemoved });
        }
        const isChosen = ({ runId }: { readonly runId: string }): boolean =>
          made.some((run) => run.runId === runId && run.isRemoved);
        const remaining = made.filter(({ isRemoved }) => !isRemoved);
        const finishedIn = async (runId: string): Promise<readonly string[]> => {
          const records = await loadRun(store, "sample", runId, { parts: [] });
          return records.trials.flatMap(({ trial, state }) => (state.type === "finished" ? trial.id : []));
        };
        const before = await Promise.all(remaining.map(({ runId }) => finishedIn(runId)));

        const { runs: surveyed, plan } = await planOf(store, isChosen);
        await collectGarbage(tornStore(store, changes), plan, { runs: surveyed, now }).catch(() => undefined);
        const afterTear = await Promise.all(remaining.map(({ runId }) => finishedIn(runId)));
        await expectSound(store);
        await remove(store, isChosen);

        expect(afterTear).toEqual(before);
        expect(await Promise.all(remaining.map(({ runId }) => finishedIn(runId)))).toEqual(before);
        expect((await listRuns(store, "sample")).map(({ runId }) => runId)).toEqual(
          remaining.map(({ runId }) => runId),
        );
        await expectSound(store);
        for (const id of await store.list("trials/")) expect(before.flat()).toContain(id.slice(7, -5));
      }),
      { seed: 20_261_122, numRuns: 100 },
    );
  });
});
