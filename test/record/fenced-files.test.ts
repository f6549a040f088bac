import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { objectKeys } from "../../src/contract/object-keys.ts";
import { claimTrial } from "../../src/record/claims.ts";
import { FencedFiles } from "../../src/record/fenced-files.ts";
import { FileStore } from "../../src/record/file-store.ts";
import { ClaimLostError } from "../../src/record/held-claim.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import type { Store } from "../../src/record/store.ts";
import { trialId } from "./sample-run.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const place = (store: Store) => ({ store, key: objectKeys.claim(trialId(0)), trialId: trialId(0) });

/** Takes the trial over for another attempt, which sees the store in its own way. */
async function takeOver(store: Store, view: Store = store): Promise<FencedFiles> {
  const outcome = await claimTrial(place(store), { experiment: "sample", runId: "r", session: "one" });
  if (outcome.type === "held") throw new Error("the claim is held");
  return new FencedFiles(view, outcome.claim);
}

async function listIn(store: Store): Promise<string> {
  return new TextDecoder().decode(await store.get("list"));
}

test("a file in a folder is what its last holder wrote, though one before stalled and the same bytes stand there again", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "nightsweep-fenced-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const store = new FileStore(folder);
  await (await takeOver(store)).write("file", text("by the embedded engine"));
  let resume = (): void => undefined;
  let isStalled = (): void => undefined;
  const stalls = new Promise<void>((resolve) => (isStalled = resolve));
  const stalled = new Promise<void>((resolve) => (resume = resolve));
  const slow: Store = Object.assign(Object.create(store), {
    putIfMatch: async (key: string, bytes: Uint8Array, version: string) => {
      isStalled();
      await stalled;
      return store.putIfMatch(key, bytes, version);
    },
  });
  const late = (await takeOver(store, slow)).write("file", text("late, by the native engine"));
  await stalls;
  // Files that are written in the same tick of the file system's clock can't be told apart.
  await new Promise((resolve) => setTimeout(resolve, 20));

  await (await takeOver(store)).write("file", text("by the native engine"));
  await (await takeOver(store)).write("file", text("by the embedded engine"));
  resume();

  await expect(late).rejects.toThrow(ClaimLostError);
  expect(new TextDecoder().decode(await store.get("file"))).toBe("by the embedded engine");
});

describe("a list that grows", () => {
  test("is what its last holder wrote, though one before stalled between reading a whole list and beginning anew", async () => {
    const store = new MemoryStore();
    await (await takeOver(store)).extend("list", text("a b c"));
    let resume = (): void => undefined;
    const stalled = new Promise<void>((resolve) => (resume = resolve));
    const slow: Store = Object.assign(Object.create(store), {
      putIfMatch: async (key: string, bytes: Uint8Array, version: string) => {
        await stalled;
        return store.putIfMatch(key, bytes, version);
      },
    });
    const late = (await takeOver(store, slow)).extend("list", text("a"));
    await new Promise(setImmediate);

    const last = await takeOver(store);
    for (const lines of ["a", "a b", "a b c"]) await last.extend("list", text(lines));
    await last.complete();
    resume();
    await late;

    expect(await listIn(store)).toBe("a b c");
  });

  test("is made longer at once, and otherwise replaced when it is complete", async () => {
    const store = new MemoryStore();
    await (await takeOver(store)).extend("list", text("a b"));
    const files = await takeOver(store);

    await files.extend("list", text("a x"));
    const before = await listIn(store);
    await files.complete();
    const after = await listIn(store);
    await (await takeOver(store)).extend("list", text("a x y"));

    expect([before, after, await listIn(store)]).toEqual(["a b", "a x", "a x y"]);
  });

  test("isn't completed by who has lost the claim", async () => {
    const store = new MemoryStore();
    await (await takeOver(store)).extend("list", text("a b"));
    const files = await takeOver(store);
    await files.extend("list", text("x"));
    await takeOver(store);

    await expect(files.complete()).rejects.toThrow(ClaimLostError);

    expect(await listIn(store)).toBe("a b");
  });
});
