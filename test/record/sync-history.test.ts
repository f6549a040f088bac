import { describe, expect, test } from "vitest";
import { loadHistory, writeAcknowledgement, writeNight } from "../../src/record/history.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import type { NightDocument } from "../../src/record/night-document.ts";
import { listHistories, syncHistory } from "../../src/record/sync-history.ts";

function night(runId: string, changes: Partial<NightDocument> = {}): NightDocument {
  return {
    schemaVersion: 1,
    benchmark: "digits",
    runId,
    date: "2026-11-22",
    startedAt: "2026-11-22T02:00:00.000Z",
    circumstances: { nightsweep: "0.1.0", resultsVersion: 1 },
    configurations: [],
    ...changes,
  };
}

async function storeWithHistory(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await writeNight(store, night("20261122T020000Z-aaaa"));
  await writeNight(store, night("20261123T020000Z-bbbb", { date: "2026-11-23" }));
  const at = "2026-11-23T09:00:00.000Z";
  const reason = "smaller model";
  await writeAcknowledgement(store, {
    schemaVersion: 1,
    benchmark: "digits",
    runId: "20261123T020000Z-bbbb",
    at,
    reason,
  });
  return store;
}

describe("copying the history of a benchmark", () => {
  test("gives the target the same nights and acknowledgements, and again copies nothing", async () => {
    const [from, to] = [await storeWithHistory(), new MemoryStore()];

    const first = await syncHistory({ from, to }, "digits");
    const second = await syncHistory({ from, to }, "digits");

    expect(await listHistories(from)).toEqual(["digits"]);
    expect(await loadHistory(to, "digits")).toEqual(await loadHistory(from, "digits"));
    expect([first, second]).toEqual([
      { experiment: "digits", copied: 3, skipped: 0 },
      { experiment: "digits", copied: 0, skipped: 3 },
    ]);
  });

  test("of one run only takes what belongs to it", async () => {
    const [from, to] = [await storeWithHistory(), new MemoryStore()];

    await syncHistory({ from, to }, "digits", ["20261122T020000Z-aaaa"]);

    const { nights, acknowledgements } = await loadHistory(to, "digits");
    expect(nights.map(({ runId }) => runId)).toEqual(["20261122T020000Z-aaaa"]);
    expect(acknowledgements).toEqual([]);
  });

  test("replaces a night whose run has gone on, and keeps those that only the target has", async () => {
    const [from, to] = [await storeWithHistory(), new MemoryStore()];
    await syncHistory({ from, to }, "digits");
    await writeNight(to, night("20261121T020000Z-cccc", { date: "2026-11-21", startedAt: "2026-11-21T02:00:00.000Z" }));
    const circumstances = { nightsweep: "0.2.0", resultsVersion: 1 };
    await writeNight(from, night("20261122T020000Z-aaaa", { circumstances }));

    await syncHistory({ from, to }, "digits");

    const { nights } = await loadHistory(to, "digits");
    expect(nights.map(({ circumstances: { nightsweep } }) => nightsweep)).toEqual(["0.1.0", "0.2.0", "0.1.0"]);
  });
});
