import { describe, expect, test } from "vitest";
import { objectKeys } from "../../src/contract/object-keys.ts";
import { ClaimWatch } from "../../src/record/claim-watch.ts";
import { claimTrial, evictHolder, readClaim } from "../../src/record/claims.ts";
import { ClaimLostError, type HeldClaim } from "../../src/record/held-claim.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import type { Store } from "../../src/record/store.ts";
import { encodeJson } from "../../src/record/json-object.ts";
import { trialId } from "./sample-run.ts";

const key = objectKeys.claim(trialId(0));

function claimant(session: string) {
  return { experiment: "sample", runId: "r", session };
}

function claim(store: Store, session: string) {
  return claimTrial({ store, key, trialId: trialId(0) }, claimant(session));
}

async function hold(store: Store, session: string): Promise<HeldClaim> {
  const outcome = await claim(store, session);
  if (outcome.type === "held") throw new Error("somebody else has it");
  return outcome.claim;
}

async function tokenOf(store: Store): Promise<number | undefined> {
  return (await readClaim(store, key))?.document.token;
}

describe("a claim", () => {
  test("is had by one of many who want it at the same time; the others learn by whom", async () => {
    const store = new MemoryStore();

    const outcomes = await Promise.all(["a", "b", "c", "d"].map((session) => claim(store, session)));

    expect(outcomes.filter(({ type }) => type === "claimed")).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.type === "held") expect(outcome.holder).toMatchObject({ session: "a", pid: process.pid });
  });

  test("that was given back is free, with the same token", async () => {
    const store = new MemoryStore();
    await (await hold(store, "a")).release();

    const second = await hold(store, "b");

    expect(second.token).toBe(1);
  });

  test("that an earlier attempt of the same session left is taken over with a higher token", async () => {
    const store = new MemoryStore();
    const first = await hold(store, "a");

    const second = await hold(store, "a");

    expect(second.token).toBe(2);
    await expect(first.check()).rejects.toThrow(ClaimLostError);
    expect(first.lost.aborted).toBe(true);
  });

  test("of a process that has died on this machine is taken over at once", async () => {
    const store = new MemoryStore();
    await hold(store, "a");
    const read = await readClaim(store, key);
    // No process has the number 0 … 2³¹ − 1 that Linux never gives out.
    const dead = { ...read?.document, holder: { ...read?.document.holder, pid: 2 ** 31 - 1 } };
    await store.put(key, encodeJson(dead));

    const second = await hold(store, "b");

    expect(second.token).toBe(2);
  });

  test("that was taken away can be had again, and its old holder can't change it any more", async () => {
    const store = new MemoryStore();
    const first = await hold(store, "a");
    const read = await readClaim(store, key);
    if (read === undefined) throw new Error("there is a claim");

    expect(await evictHolder(store, key, read)).toBe(true);
    expect(await evictHolder(store, key, read)).toBe(false);
    const second = await hold(store, "b");

    expect(second.token).toBe(2);
    await expect(first.beat()).rejects.toThrow(ClaimLostError);
    await first.release();
    await first.remove();
    expect(await tokenOf(store)).toBe(2);
    await second.check();
  });

  test("goes through beats and an announcement that are made at the same time", async () => {
    const store = new MemoryStore();
    const held = await hold(store, "a");

    await Promise.all([held.beat(), held.beat(), held.release()]);

    expect((await readClaim(store, key))?.document).toMatchObject({ beat: 2, state: "released" });
  });
});

describe("whoever watches a claim", () => {
  test("takes it away after no sign of life for the whole time by its own clock, whatever the holder's clock says", async () => {
    const store = new MemoryStore();
    const held = await hold(store, "a");
    let nowMs = 1e9;
    const watch = new ClaimWatch(store, 90_000, () => nowMs);
    const lookAfter = async (milliseconds: number): Promise<string> => {
      nowMs += milliseconds;
      return (await watch.look(key)).type;
    };

    expect(await lookAfter(0)).toBe("held");
    expect(await lookAfter(89_999)).toBe("held");
    await held.beat();
    expect(await lookAfter(1)).toBe("held");
    expect(await lookAfter(89_999)).toBe("held");
    expect(await lookAfter(1)).toBe("free");

    expect(await tokenOf(store)).toBe(2);
    await expect(held.beat()).rejects.toThrow(ClaimLostError);
  });

  test("finds it free when it was given back or removed", async () => {
    const store = new MemoryStore();
    const watch = new ClaimWatch(store, 90_000);
    const held = await hold(store, "a");

    const before = await watch.look(key);
    await held.release();
    const released = await watch.look(key);
    await (await hold(store, "b")).remove();
    const removed = await watch.look(key);

    expect([before.type, released.type, removed.type]).toEqual(["held", "free", "free"]);
  });
});
