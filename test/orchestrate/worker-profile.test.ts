import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadMeasuredWorkers, saveMeasuredWorkers, workerProfileFile } from "../../src/orchestrate/worker-profile.ts";

function profileFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-profile-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return workerProfileFile({ XDG_CACHE_HOME: folder });
}

const found = { workers: 4, tried: 8, gain: 3.4166, now: new Date("2026-11-22T10:00:00Z") };
const soon = new Date("2026-12-01");

test("what was measured is read again, by machine and size of training", async () => {
  const file = profileFile();

  await saveMeasuredWorkers(file, "small", found);
  await saveMeasuredWorkers(file, "large", { ...found, workers: 2 });

  expect(await loadMeasuredWorkers(file, "small", soon)).toEqual({
    workers: 4,
    tried: 8,
    gain: 3.42,
    measuredOn: "2026-11-22",
  });
  expect(await loadMeasuredWorkers(file, "large", soon)).toMatchObject({ workers: 2 });
  expect(await loadMeasuredWorkers(file, "huge", soon)).toBeUndefined();
});

test("after a month it is measured again", async () => {
  const file = profileFile();
  await saveMeasuredWorkers(file, "small", found);

  expect(await loadMeasuredWorkers(file, "small", new Date("2026-12-23"))).toBeUndefined();
});

test("a damaged file holds nothing and is replaced", async () => {
  const file = profileFile();
  await saveMeasuredWorkers(file, "small", found);
  writeFileSync(file, readFileSync(file, "utf8").slice(0, 40));

  expect(await loadMeasuredWorkers(file, "small", soon)).toBeUndefined();
  await saveMeasuredWorkers(file, "small", found);
  expect(await loadMeasuredWorkers(file, "small", soon)).toMatchObject({ workers: 4 });
});

test("a cache folder that can't be written is no error", async () => {
  const file = profileFile();
  await saveMeasuredWorkers(file, "small", found);

  const below = path.join(file, "nightsweep", "workers.json");
  await expect(saveMeasuredWorkers(below, "small", found)).resolves.toBeUndefined();
});
