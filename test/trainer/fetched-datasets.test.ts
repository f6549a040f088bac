import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { pushDataset } from "../../src/orchestrate/cloud/push-dataset.ts";
import type { PlannedData } from "../../src/plan/plan.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { resolveTrial } from "../../src/plan/resolve-trial.ts";
import { loadManifest } from "../../src/dataset/open-dataset.ts";
import { DatasetCache } from "../../trainer/dataset-cache.ts";
import { FetchedDatasets } from "../../trainer/fetched-datasets.ts";
import { writeDigitFolder } from "../cli/digit-folder.ts";
import { createTinyRun, temporaryFolder } from "./tiny-run.ts";

class CountingStore extends MemoryStore {
  readonly reads: string[] = [];

  override get(key: string): Promise<Uint8Array | undefined> {
    this.reads.push(key);
    return super.get(key);
  }
}

/** A data set that was uploaded from a folder. */
async function upload() {
  const root = temporaryFolder();
  mkdirSync(root, { recursive: true });
  writeDigitFolder(path.join(root, "digits"), { train: 60, test: 40 });
  writeFileSync(
    path.join(root, "digits", "classes.txt"),
    Array.from({ length: 10 }, (_, digit) => `digit ${digit}`).join("\n"),
  );
  const spec = { format: "idx", folder: "digits" } as const;
  const loaded = await loadManifest(spec, root);
  if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { data } = resolveTrial((await createTinyRun()).plan, 0);
  const planned: PlannedData = { ...data, spec: { ...data.spec, dataset: spec }, dataset: loaded.manifest };
  const store = new CountingStore();
  const pushed = await pushDataset(store, spec, { root });
  return { store, planned, pushed, spec, root };
}

test("a data set is uploaded once, with the names of its classes", async () => {
  const { store, pushed, spec, root } = await upload();

  const again = await pushDataset(store, spec, { root });

  expect(pushed).toMatchObject({ name: "digits", outcome: "uploaded", files: 5 });
  expect(again).toMatchObject({ outcome: "there", files: 5 });
});

test("processes of one machine fetch a data set once between them, and read the planned one", async () => {
  const { store, planned } = await upload();
  const shared = temporaryFolder();
  const caches = Array.from(
    { length: 4 },
    () => new DatasetCache("/nowhere", undefined, new FetchedDatasets(store, shared, () => undefined)),
  );
  store.reads.length = 0;

  const loaded = await Promise.all(caches.map((cache) => cache.load(planned)));

  for (const each of loaded) {
    if ("failure" in each) throw new Error(each.failure.reason);
    expect(each.dataset.manifest).toMatchObject({
      sha256: planned.dataset.sha256,
      classNames: expect.arrayContaining(["digit 3"]),
    });
  }
  const files = store.reads.filter((key) => key.includes("/files/"));
  expect(files).toHaveLength(5);
  expect(readdirSync(shared).filter((name) => !name.startsWith("."))).toEqual([planned.dataset.sha256]);
});

test("a file that is not what was uploaded is refused, and nothing of the data set is kept", async () => {
  const { store, planned } = await upload();
  const shared = temporaryFolder();
  const [key = ""] = (await store.list("datasets/")).filter((each) => each.includes("train-images"));
  await store.put(key, new Uint8Array([1, 2, 3]));

  const fetched = new FetchedDatasets(store, shared, () => undefined).find(planned);

  await expect(fetched).rejects.toThrow("has 3 bytes that are not");
  expect(readdirSync(shared).filter((name) => !name.startsWith("."))).toEqual([]);
});
