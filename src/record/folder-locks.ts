import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { errorCode, hasCode } from "./file-error.ts";
import { isProcessDead, processSpace } from "./process-space.ts";

/** Locks are shared by keys whose hashes begin alike: so there are never more than this many folders. */
const folderCount = 64;

/** A holder takes milliseconds; who is seen holding for so long was killed on another machine, or hangs. */
const abandonedAfterMs = 10_000;

const holderSchema = z.object({ token: z.string(), host: z.string(), pid: z.int() });

/**
 * Locks between processes that share a folder; the lock of a process that was killed is passed on. A lock is a folder
 * of numbered files: `<n>` is held, `<n>.free` was given back. Only who creates the file after the highest number, and
 * finds no higher one afterwards, holds the lock; the highest file is never deleted. So there is no moment at which two
 * processes that both see a dead holder can each remove the other's lock.
 */
export class FolderLocks {
  constructor(
    private readonly folder: string,
    private readonly options: { readonly abandonedAfterMs: number } = { abandonedAfterMs },
  ) {}

  /**
   * Does something that only one process may do at a time for the same key.
   * @param action gets a question to be asked before its last step: whether the lock has not been taken away meanwhile
   */
  async hold<Outcome>(key: string, action: (isHeld: () => Promise<boolean>) => Promise<Outcome>): Promise<Outcome> {
    const folder = this.folderOf(key);
    await mkdir(folder, { recursive: true });
    const generation = await this.acquire(folder);
    try {
      return await action(async () => (await generationsOf(folder)).every(({ number }) => number <= generation));
    } finally {
      await release(folder, generation);
    }
  }

  private folderOf(key: string): string {
    const index = createHash("sha256").update(key).digest().readUInt16BE(0) % folderCount;
    return path.join(this.folder, String(index));
  }

  private async acquire(folder: string): Promise<number> {
    const token = randomBytes(12).toString("hex");
    const own = path.join(folder, `new-${token}`);
    await writeFile(own, JSON.stringify({ token, host: processSpace(), pid: process.pid }));
    try {
      const watch = new HolderWatch(this.options.abandonedAfterMs);
      for (;;) {
        const generation = await takeNext(folder, own, watch);
        if (generation !== undefined) return generation;
        await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4));
      }
    } finally {
      await unlink(own).catch(() => undefined);
    }
  }
}

/** Tries once to become the next holder. @returns the generation that is held now, or undefined */
async function takeNext(folder: string, own: string, watch: HolderWatch): Promise<number | undefined> {
  const before = await generationsOf(folder);
  const highest = Math.max(0, ...before.map(({ number }) => number));
  const isFree = highest === 0 || before.some(({ number, isFree }) => number === highest && isFree);
  if (!isFree && !(await watch.isGone(path.join(folder, String(highest))))) return undefined;
  const generation = highest + 1;
  const file = path.join(folder, String(generation));
  try {
    await link(own, file);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return undefined;
    throw hasCode(error, ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])
      ? Object.assign(new Error("no hard links", { cause: error }), { code: "ENOLINK" })
      : error;
  }
  // Who was slow may have taken a number that had been held, given back and deleted before.
  const after = await generationsOf(folder);
  if (after.some(({ number, isFree }) => number > generation || (number === generation && isFree))) {
    await unlink(file).catch(() => undefined);
    return undefined;
  }
  await Promise.all(
    after
      .filter(({ number }) => number < generation)
      .map(({ name }) => unlink(path.join(folder, name)).catch(() => {})),
  );
  return generation;
}

async function release(folder: string, generation: number): Promise<void> {
  const file = path.join(folder, String(generation));
  // Gone if others took this process for dead.
  await rename(file, `${file}.free`).catch(() => undefined);
}

interface Generation {
  readonly name: string;
  readonly number: number;
  readonly isFree: boolean;
}

async function generationsOf(folder: string): Promise<Generation[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const match = /^(\d+)(\.free)?$/.exec(name);
    return match === null ? [] : [{ name, number: Number(match[1]), isFree: match[2] !== undefined }];
  });
}

/** Watches who holds a lock, by this process' own monotonic clock. */
class HolderWatch {
  private token: string | undefined;
  private since = 0;

  constructor(private readonly abandonedAfterMs: number) {}

  /** Whether the holder named in a lock's file has died or hangs. */
  async isGone(file: string): Promise<boolean> {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) return false;
    const holder = holderSchema.safeParse(parseJson(text)).data ?? { token: text, host: "", pid: 0 };
    if (holder.token !== this.token) {
      this.token = holder.token;
      this.since = performance.now();
    }
    return (
      isProcessDead({ space: holder.host, pid: holder.pid }) || performance.now() - this.since > this.abandonedAfterMs
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
