import path from "node:path";
import { expect, test } from "vitest";
import { FileStore } from "../../src/record/file-store.ts";
import { absoluteLocation, locateObject, openStore } from "../../src/record/open-store.ts";
import { S3Store } from "../../src/record/s3-store.ts";
import { StoreError } from "../../src/record/store-error.ts";

test("a path opens a folder, named absolutely", () => {
  const store = openStore("some/where");

  expect(store).toBeInstanceOf(FileStore);
  expect(store.location).toBe(path.resolve("some/where"));
});

test.each([
  ["s3://Bucket_1/prefix", "can't be a bucket's name"],
  ["gs://bucket", 'unknown kind "gs"'],
  [" ", "is empty"],
])("%j is refused with the reason", (location, reason) => {
  expect(() => openStore(location)).toThrow(StoreError);
  expect(() => openStore(location)).toThrow(reason);
});

test("an s3 location opens a bucket", () => {
  const store = openStore("s3://my-bucket/some/where/", {});

  expect(store).toBeInstanceOf(S3Store);
  expect(store.location).toBe("s3://my-bucket/some/where");
});

test("a location for a process elsewhere has an absolute path, and a bucket stays what it is", () => {
  expect(absoluteLocation("some/where")).toBe(path.resolve("some/where"));
  expect(absoluteLocation("s3://my-bucket/p?region=eu-west-1")).toBe("s3://my-bucket/p?region=eu-west-1");
});

test("an object's place is a path, or its address in the bucket", () => {
  expect(locateObject("some/where", "a/b.html")).toBe(path.resolve("some/where/a/b.html"));
  expect(locateObject("s3://my-bucket/p?region=eu-west-1", "a/b.html")).toBe("s3://my-bucket/p/a/b.html");
});
