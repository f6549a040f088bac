import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FolderLocks } from "../../src/record/folder-locks.ts";

function emptyFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-locks-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The only lock's folder, after the lock was taken and given back once. */
async function usedFolder(folder: string): Promise<string> {
  await new FolderLocks(folder).hold("a", async () => undefined);
  return path.join(folder, readdirSync(folder)[0] ?? "");
}

test("only one holds a lock at a time", async () => {
  const folder = emptyFolder();
  let holding = 0;
  let most = 0;

  await Promise.all(
    Array.from({ length: 20 }, () =>
      new FolderLocks(folder).hold("a", async () => {
        most = Math.max(most, ++holding);
        await new Promise((resolve) => setTimeout(resolve, 1));
        holding--;
      }),
    ),
  );

  expect(most).toBe(1);
});

test("a lock that was given back leaves one small file", async () => {
  const folder = await usedFolder(emptyFolder());

  expect(readdirSync(folder)).toEqual(["1.free"]);
});

test("a lock is given back when the action throws", async () => {
  const locks = new FolderLocks(emptyFolder());
  const failed = locks.hold("a", () => Promise.reject(new Error("the disk is full")));

  await expect(failed).rejects.toThrow("the disk is full");
  await expect(locks.hold("a", () => Promise.resolve("held"))).resolves.toBe("held");
});

test("the lock of somebody on another machine is taken over once nothing has moved for long", async () => {
  const root = emptyFolder();
  const folder = await usedFolder(root);
  writeFileSync(path.join(folder, "2"), JSON.stringify({ token: "t", host: `not ${hostname()}`, pid: 1 }));
  const begin = performance.now();

  await new FolderLocks(root, { abandonedAfterMs: 200 }).hold("a", async () => undefined);

  expect(performance.now() - begin).toBeGreaterThan(195);
  expect(readdirSync(folder)).toEqual(["3.free"]);
});

test("a holder that hung for too long is told that the lock is no longer its own", async () => {
  const root = emptyFolder();
  const answers: boolean[] = [];

  await new FolderLocks(root).hold("a", async (isHeld) => {
    answers.push(await isHeld());
    await new FolderLocks(root, { abandonedAfterMs: 50 }).hold("a", async () => undefined);
    answers.push(await isHeld());
  });

  expect(answers).toEqual([true, false]);
});
