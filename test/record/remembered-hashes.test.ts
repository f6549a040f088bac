import { expect, test } from "vitest";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { rememberHashes } from "../../src/record/remembered-hashes.ts";
import { sha256Of } from "../../src/record/sha256-of.ts";
import { describeStoreContract } from "../contracts/store-contract.ts";

describeStoreContract("a store that remembers hashes", async () => rememberHashes(new MemoryStore()));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

class CountingStore extends MemoryStore {
  hashed = 0;

  override sha256(key: string): Promise<string | undefined> {
    this.hashed++;
    return super.sha256(key);
  }
}

test("the hash of what was read is not asked for again, unless it was written since", async () => {
  const below = new CountingStore();
  const store = rememberHashes(below);
  await store.put("a.json", bytes("one"));
  await store.get("a.json");

  const read = await store.sha256("a.json");
  const askedFor = below.hashed;
  await store.put("a.json", bytes("two"));
  const written = await store.sha256("a.json");

  expect([read, askedFor]).toEqual([sha256Of(bytes("one")), 0]);
  expect([written, below.hashed]).toEqual([sha256Of(bytes("two")), 1]);
});
