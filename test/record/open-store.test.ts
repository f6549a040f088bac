import path from "node:path";
import { expect, test } from "vitest";
import { FileStore } from "../../src/record/file-store.ts";
import { openStore } from "../../src/record/open-store.ts";
import { StoreError } from "../../src/record/store-error.ts";

test("a path opens a folder, named absolutely", () => {
  const store = openStore("some/where");

  expect(store).toBeInstanceOf(FileStore);
  expect(store.location).toBe(path.resolve("some/where"));
});

test.each([
  ["s3://bucket/prefix", "not supported yet by this version"],
  ["gs://bucket", 'unknown kind "gs"'],
  [" ", "is empty"],
])("%j is refused with the reason", (location, reason) => {
  expect(() => openStore(location)).toThrow(StoreError);
  expect(() => openStore(location)).toThrow(reason);
});
