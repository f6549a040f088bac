import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadManifest } from "../../src/dataset/open-dataset.ts";
import type { PlannedData } from "../../src/plan/plan.ts";
import { DatasetCache } from "../../trainer/dataset-cache.ts";
import { writeDigitFolder } from "../cli/digit-folder.ts";
import { resolveTrial } from "../../src/plan/resolve-trial.ts";
import { createTinyRun } from "./tiny-run.ts";

/** Three data sets of 8×8 images: 100, 200 and 300 of them. */
async function threeDatasets(): Promise<{ root: string; planned: readonly PlannedData[] }> {
  const root = mkdtempSync(path.join(tmpdir(), "nightsweep-cache-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const { data } = resolveTrial((await createTinyRun()).plan, 0);
  const planned = [];
  for (const [folder, train] of [
    ["a", 60],
    ["b", 160],
    ["c", 260],
  ] as const) {
    writeDigitFolder(path.join(root, folder), { train, test: 40 });
    const spec = { ...data.spec, dataset: { format: "idx" as const, folder } };
    const loaded = await loadManifest(spec.dataset, root);
    if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
    planned.push({ ...data, spec, dataset: loaded.manifest });
  }
  return { root, planned };
}

async function use(cache: DatasetCache, planned: PlannedData | undefined) {
  if (planned === undefined) throw new Error("no data set");
  const loaded = await cache.load(planned);
  if ("failure" in loaded) throw new Error(loaded.failure.reason);
  return loaded.dataset;
}

test("trials of a process share a data set", async () => {
  const { root, planned } = await threeDatasets();
  const cache = new DatasetCache(root);

  const first = await use(cache, planned[0]);
  await use(cache, planned[1]);

  expect(await use(cache, planned[0])).toBe(first);
});

test("the one that was not used for longest gives way to a new one", async () => {
  const { root, planned } = await threeDatasets();
  const [a, b, c] = planned.map(({ dataset }) => dataset.sha256);
  const cache = new DatasetCache(root, 64 * 450);

  await use(cache, planned[0]);
  await use(cache, planned[1]);
  expect(cache.keys).toEqual([a, b]);
  await use(cache, planned[0]);
  await use(cache, planned[2]);

  expect(cache.keys).toEqual([a, c]);
});

test("one that is larger than all that is allowed is kept alone while it is in use", async () => {
  const { root, planned } = await threeDatasets();
  const cache = new DatasetCache(root, 1);

  for (const one of planned) await use(cache, one);

  expect(cache.keys).toEqual([planned[2]?.dataset.sha256]);
});
