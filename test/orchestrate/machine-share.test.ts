import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { MachineShare, wantedSlots } from "../../src/orchestrate/machine-share.ts";
import { processSpace } from "../../src/record/process-space.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-share-"));
  return () => rmSync(folder, { recursive: true, force: true });
});

/** A run on a machine of 8 cores. */
function runWith(priority: number, wanted: number, threads = 1, place = folder): MachineShare {
  const run = { experiment: `priority-${priority}`, runId: "r", priority: () => priority, threads };
  const share = new MachineShare({ ...run, wantedSlots: () => wanted }, { folder: place, intervalMs: 1, cores: 8 });
  onTestFinished(() => share.end());
  return share;
}

/** A notice that another process has left. */
function leaveNotice(process: { readonly space: string; readonly pid: number }, name = "other.json"): string {
  const notice = { schemaVersion: 1, process, experiment: "urgent", runId: "r", priority: 9, cores: 6 };
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(notice));
  return file;
}

const counts = { waiting: 0, running: 0, finished: 0, cached: 0, elsewhere: 0, failed: 0, checkpointed: 0 };
const own = { space: processSpace(), pid: process.pid };

describe("runs on one machine", () => {
  test("of equal or lower priority take nothing from each other", async () => {
    const [first, second, third] = [runWith(0, 8), runWith(0, 8), runWith(-1, 8)];
    for (const run of [first, second, third]) await run.look();

    expect([await first.look(), await second.look()]).toEqual([undefined, undefined]);
  });

  test("get the cores that all of higher priority leave, in trials of as many threads as they compute on", async () => {
    const [low, high, higher] = [runWith(0, 8, 2), runWith(1, 3), runWith(5, 1)];
    await high.look();
    await higher.look();

    expect(await low.look()).toEqual({ slots: 2, for: { experiment: "priority-5", runId: "r", priority: 5 } });
    expect(await high.look()).toMatchObject({ slots: 7 });
    expect(await higher.look()).toBeUndefined();
  });

  test("get nothing while more is wanted than there is, and everything when the others end", async () => {
    const [low, high] = [runWith(0, 8), runWith(1, 20)];
    await high.look();
    const before = await low.look();
    await high.end();

    expect(before).toMatchObject({ slots: 0 });
    expect(await low.look()).toBeUndefined();
  });

  test("are told again and again, until they end", async () => {
    const [low, high] = [runWith(0, 8), runWith(1, 3)];
    const told: (number | undefined)[] = [];
    low.listen((share) => told.push(share?.slots));
    await expect.poll(() => told.length).toBeGreaterThan(1);
    await high.look();
    await expect.poll(() => told.at(-1)).toBe(5);
    await low.end();
    await high.end();

    expect(readdirSync(folder)).toEqual([]);
  });
});

test("a run wants as many slots as it has trials for, what it is allowed, and no new ones while paused or stopping", () => {
  const of = (changes: Partial<Parameters<typeof wantedSlots>[0]>): number =>
    wantedSlots(
      { isStopping: false, wish: { state: "running" }, counts: { ...counts, running: 2, waiting: 3 }, ...changes },
      4,
    );

  expect(of({})).toBe(4);
  expect(of({ wish: { state: "running", workers: 1 } })).toBe(1);
  expect(of({ counts: { ...counts, running: 1, waiting: 1, elsewhere: 9 } })).toBe(2);
  expect(of({ wish: { state: "paused" } })).toBe(2);
  expect(of({ isStopping: true })).toBe(2);
});

describe("what isn't a run that goes on", () => {
  test("takes nothing: a process that was killed, and its notice is removed", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const file = leaveNotice({ ...own, pid });

    expect(await runWith(0, 8).look()).toBeUndefined();
    expect(readdirSync(folder)).not.toContain(path.basename(file));
  });

  test("takes nothing: a process that has not moved for minutes, one of another machine, a damaged notice", async () => {
    const minutesAgo = Date.now() / 1000 - 300;
    utimesSync(leaveNotice(own, "hangs.json"), minutesAgo, minutesAgo);
    leaveNotice({ space: "another machine", pid: process.pid }, "elsewhere.json");
    writeFileSync(path.join(folder, "damaged.json"), "{");

    expect(await runWith(0, 8).look()).toBeUndefined();
    leaveNotice(own);
    expect(await runWith(0, 8).look()).toMatchObject({ slots: 2 });
  });

  test("takes nothing: a folder that can't be written", async () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");

    expect(await runWith(0, 8, 1, path.join(file, "below")).look()).toBeUndefined();
  });
});
