import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Store } from "../../src/record/store.ts";
import { StoreError } from "../../src/record/store-error.ts";

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** An object whose bytes are all equal: half of one and half of another would show. */
function uniform(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

const keyParts = fc.constantFrom("a", "b", "a b", "a-b", "a.json", "ab", "ä", "数据", "🌙", "..a", "%2F");
const keys = fc.array(keyParts, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join("/")}/object`);

/**
 * What every store must do.
 * @param openEmpty opens a store without objects; its resources are the caller's to free
 */
export function describeStoreContract(name: string, openEmpty: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    test("an object that was put can be got", async () => {
      const store = await openEmpty();

      await store.put("trials/1.json", bytesOf("{}"));

      expect(await store.get("trials/1.json")).toEqual(bytesOf("{}"));
    });

    test("an object that was never put is undefined", async () => {
      const store = await openEmpty();
      await store.put("trials/1.json", bytesOf("{}"));

      expect(await store.get("trials/2.json")).toBeUndefined();
      expect(await store.get("trials")).toBeUndefined();
      expect(await store.get("trials/1.json/x")).toBeUndefined();
    });

    test("put replaces an older object, by a longer or a shorter one", async () => {
      const store = await openEmpty();

      await store.put("log.txt", bytesOf("one"));
      await store.put("log.txt", bytesOf("one, two"));
      const longer = await store.get("log.txt");
      await store.put("log.txt", bytesOf("1"));

      expect(longer).toEqual(bytesOf("one, two"));
      expect(await store.get("log.txt")).toEqual(bytesOf("1"));
    });

    test("every byte value and an empty object are kept", async () => {
      const store = await openEmpty();
      const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);

      await store.put("all.bin", allBytes);
      await store.put("empty.bin", new Uint8Array());

      expect(await store.get("all.bin")).toEqual(allBytes);
      expect(await store.get("empty.bin")).toEqual(new Uint8Array());
      expect(await store.list("")).toEqual(["all.bin", "empty.bin"]);
    });

    test("an object of 20 MB is kept", async () => {
      const store = await openEmpty();
      const bytes = new Uint8Array(20_000_000).map((_, index) => (index * 31) >>> 8);

      await store.put("weights.bin", bytes);

      const stored = await store.get("weights.bin");
      expect(stored === undefined ? -1 : Buffer.compare(stored, bytes)).toBe(0);
    });

    test("a part of a larger buffer is stored as that part", async () => {
      const store = await openEmpty();

      await store.put("part.bin", bytesOf("abcdef").subarray(2, 4));

      expect(await store.get("part.bin")).toEqual(bytesOf("cd"));
    });

    test("what a caller does to its bytes later doesn't change the object", async () => {
      const store = await openEmpty();
      const written = bytesOf("abc");
      await store.put("a.txt", written);

      written.fill(0);
      (await store.get("a.txt"))?.fill(0);

      expect(await store.get("a.txt")).toEqual(bytesOf("abc"));
    });

    test("putIfAbsent writes where nothing is and leaves what is there", async () => {
      const store = await openEmpty();

      const first = await store.putIfAbsent("trials/1.json", bytesOf("first"));
      const second = await store.putIfAbsent("trials/1.json", bytesOf("second"));

      expect([first, second]).toEqual([true, false]);
      expect(await store.get("trials/1.json")).toEqual(bytesOf("first"));
    });

    test("of many putIfAbsent at the same time exactly one wins, and its object stays", async () => {
      const store = await openEmpty();
      const contents = Array.from({ length: 50 }, (_, index) => uniform(10_000, index));

      const wins = await Promise.all(contents.map((bytes) => store.putIfAbsent("result.json", bytes)));

      expect(wins.filter(Boolean)).toHaveLength(1);
      expect(await store.get("result.json")).toEqual(contents[wins.indexOf(true)]);
    });

    test("putIfMatch writes what was read before, and refuses once it has changed", async () => {
      const store = await openEmpty();
      await store.put("claims/1.json", bytesOf("first"));
      const first = await store.getVersioned("claims/1.json");

      const renewed = await store.putIfMatch("claims/1.json", bytesOf("second"), first?.version ?? "");
      const tooLate = await store.putIfMatch("claims/1.json", bytesOf("third"), first?.version ?? "");

      expect(first?.bytes).toEqual(bytesOf("first"));
      expect([renewed, tooLate]).toEqual([true, false]);
      expect(await store.get("claims/1.json")).toEqual(bytesOf("second"));
    });

    test("putIfMatch of an object that isn't there, or not any more, writes nothing", async () => {
      const store = await openEmpty();
      await store.put("claims/1.json", bytesOf("first"));
      const version = (await store.getVersioned("claims/1.json"))?.version ?? "";
      await store.delete("claims/1.json");

      const outcomes = [
        await store.putIfMatch("claims/1.json", bytesOf("second"), version),
        await store.putIfMatch("claims/2.json", bytesOf("second"), version),
      ];

      expect(outcomes).toEqual([false, false]);
      expect(await store.getVersioned("claims/1.json")).toBeUndefined();
      expect(await store.list("")).toEqual([]);
    });

    test("of many putIfMatch of one version at the same time exactly one wins, and its object stays", async () => {
      const store = await openEmpty();
      await store.put("claims/1.json", bytesOf("first"));
      const version = (await store.getVersioned("claims/1.json"))?.version ?? "";
      const contents = Array.from({ length: 20 }, (_, index) => uniform(1000, index));

      const wins = await Promise.all(contents.map((bytes) => store.putIfMatch("claims/1.json", bytes, version)));

      expect(wins.filter(Boolean)).toHaveLength(1);
      expect(await store.get("claims/1.json")).toEqual(contents[wins.indexOf(true)]);
    });

    test("sha256 is that of the bytes, and undefined where nothing is", async () => {
      const store = await openEmpty();
      await store.put("a.txt", bytesOf("abc"));

      expect(await store.sha256("a.txt")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      expect(await store.sha256("b.txt")).toBeUndefined();
    });

    test("a reader never sees a part of an object while others replace it", async () => {
      const store = await openEmpty();
      await store.put("metrics.jsonl", uniform(300_000, 0));
      const rounds = Array.from({ length: 20 }, (_, index) => index + 1);
      const write = async (): Promise<void> => {
        for (const round of rounds) await store.put("metrics.jsonl", uniform(300_000 + round, round));
      };
      const seen: (Uint8Array | undefined)[] = [];
      const read = async (): Promise<void> => {
        while (seen.at(-1)?.length !== 300_020) seen.push(await store.get("metrics.jsonl"));
      };

      await Promise.all([write(), read(), read()]);

      const torn = seen.filter(
        (bytes) => bytes === undefined || !bytes.every((byte) => byte === bytes.length - 300_000),
      );
      expect(torn).toEqual([]);
    });

    test("list gives the keys that start with a prefix, in ascending order", async () => {
      const store = await openEmpty();
      for (const key of ["trials/b.json", "trials/a.json", "trials/a/x.json", "trials-2/a.json", "history/a.json"]) {
        await store.put(key, bytesOf(key));
      }

      expect(await store.list("")).toEqual([
        "history/a.json",
        "trials-2/a.json",
        "trials/a.json",
        "trials/a/x.json",
        "trials/b.json",
      ]);
      expect(await store.list("trials/")).toEqual(["trials/a.json", "trials/a/x.json", "trials/b.json"]);
      expect(await store.list("trials/a")).toEqual(["trials/a.json", "trials/a/x.json"]);
      expect(await store.list("trials/a.json")).toEqual(["trials/a.json"]);
      expect(await store.list("trial")).toHaveLength(4);
      expect(await store.list("nothing/")).toEqual([]);
    });

    test("listFolders gives the names directly below a prefix that have objects under them", async () => {
      const store = await openEmpty();
      for (const key of [
        "e/mnist/runs/1/plan.json",
        "e/mnist/runs/2/plan.json",
        "e/cifar/runs/1/plan.json",
        "e/x.txt",
      ]) {
        await store.put(key, bytesOf(key));
      }
      await store.put("e/deleted/runs/1/plan.json", bytesOf("x"));
      await store.delete("e/deleted/runs/1/plan.json");

      expect(await store.listFolders("")).toEqual(["e"]);
      expect(await store.listFolders("e/")).toEqual(["cifar", "mnist"]);
      expect(await store.listFolders("e/mnist/runs/")).toEqual(["1", "2"]);
      expect(await store.listFolders("e/mnist/runs/1/")).toEqual([]);
      expect(await store.listFolders("nothing/")).toEqual([]);
    });

    test("an empty store lists nothing", async () => {
      const store = await openEmpty();

      expect(await store.list("")).toEqual([]);
      expect(await store.listFolders("")).toEqual([]);
    });

    test("a deleted object is gone, its neighbours are not, and deleting it again is no error", async () => {
      const store = await openEmpty();
      await store.put("checkpoints/1/state.json", bytesOf("1"));
      await store.put("checkpoints/2/state.json", bytesOf("2"));

      await store.delete("checkpoints/1/state.json");
      await store.delete("checkpoints/1/state.json");
      await store.delete("checkpoints");

      expect(await store.get("checkpoints/1/state.json")).toBeUndefined();
      expect(await store.list("")).toEqual(["checkpoints/2/state.json"]);
      expect(await store.putIfAbsent("checkpoints/1/state.json", bytesOf("again"))).toBe(true);
    });

    test("objects can be put where others are being deleted", async () => {
      const store = await openEmpty();
      const keys = Array.from({ length: 30 }, (_, index) => `checkpoints/${index % 3}/${index}.bin`);

      await Promise.all(
        keys.map(async (key) => {
          for (let round = 0; round < 3; round++) {
            await store.put(key, bytesOf(key));
            if (round < 2) await store.delete(key);
          }
        }),
      );

      expect(await store.list("checkpoints/")).toEqual([...keys].sort());
    });

    test.each([
      ["", "empty"],
      ["/etc/passwd", "starts with /"],
      ["../outside", ".."],
      ["a/../../outside", ".."],
      ["a/./b", "part ."],
      ["a//b", "empty part"],
      ["a/", "empty part"],
      ["a\\b", "backslash"],
      ["a\0b", "NUL"],
      ["\ud800", "Unicode"],
      [".tmp/x", "writes aside"],
      ["x".repeat(256), "255 bytes"],
      [Array.from({ length: 300 }, () => "数").join("/"), "1024 bytes"],
    ])("%j is refused as a key, with the reason", async (key, reason) => {
      const store = await openEmpty();

      const outcomes = await Promise.allSettled([
        store.get(key),
        store.put(key, bytesOf("x")),
        store.putIfAbsent(key, bytesOf("x")),
        store.getVersioned(key),
        store.putIfMatch(key, bytesOf("x"), "1"),
        store.sha256(key),
        store.delete(key),
      ]);

      for (const outcome of outcomes) {
        const error: unknown = outcome.status === "rejected" ? outcome.reason : undefined;
        expect(error).toBeInstanceOf(StoreError);
        expect(String(error)).toContain(reason);
      }
    });

    test.each(["/", "../", "a/../", "a//", "\\", "a\0"])("%j is refused as a prefix", async (prefix) => {
      const store = await openEmpty();

      await expect(store.list(prefix)).rejects.toThrow(StoreError);
      await expect(store.listFolders(prefix)).rejects.toThrow(StoreError);
    });

    test("listFolders refuses a prefix that is not a folder's", async () => {
      const store = await openEmpty();

      await expect(store.listFolders("trials")).rejects.toThrow("doesn't end in /");
    });

    test("what was put is what is listed and got, whatever the keys", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(keys, fc.uint8Array({ maxLength: 20 })), { maxLength: 8 }),
          async (writes) => {
            const store = await openEmpty();
            const expected = new Map(writes);

            for (const [key, bytes] of writes) await store.put(key, bytes);

            const sorted = [...expected.keys()].sort();
            expect(await store.list("")).toEqual(sorted);
            const sizes = sorted.map((key) => ({ key, bytes: expected.get(key)?.length }));
            expect(await store.listSizes("")).toEqual(sizes);
            for (const [key, bytes] of expected) expect(await store.get(key)).toEqual(bytes);
            const folders = [...expected.keys()].map((key) => key.slice(0, key.indexOf("/")));
            expect(await store.listFolders("")).toEqual([...new Set(folders)].sort());
          },
        ),
        { numRuns: 30 },
      );
    });
  });
}
