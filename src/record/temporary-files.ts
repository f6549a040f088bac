import { randomBytes } from "node:crypto";
import { open, readdir, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { makeFolderDurably } from "./durable-folder.ts";
import { hasCode } from "./file-error.ts";

/** Older files than this were left by a writer that was killed: no write takes a day. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** Files written aside, each by one writer, before they get their place by a rename or a link. */
export class TemporaryFiles {
  private cleaning: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    private readonly now: () => number,
  ) {}

  /** Writes a durable file of its own name. @returns its path */
  async write(bytes: Uint8Array): Promise<string> {
    this.cleaning ??= this.deleteAbandoned();
    await this.cleaning;
    const file = path.join(this.folder, `${process.pid}-${randomBytes(12).toString("hex")}`);
    try {
      await this.writeMakingFolder(file, bytes);
      return file;
    } catch (error) {
      await this.remove(file);
      throw error;
    }
  }

  /** Removes a file if it is still there. */
  async remove(file: string): Promise<void> {
    await unlink(file).catch(() => undefined);
  }

  private async writeMakingFolder(file: string, bytes: Uint8Array): Promise<void> {
    try {
      await writeDurably(file, bytes);
    } catch (error) {
      if (!hasCode(error, ["ENOENT"])) throw error;
      await makeFolderDurably(this.folder);
      await writeDurably(file, bytes);
    }
  }

  // Other processes may clean at the same time, and what stays is cleaned another day: nothing here is an error.
  private async deleteAbandoned(): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    const limit = this.now() - abandonedAfterMs;
    for (const name of names) {
      const file = path.join(this.folder, name);
      const facts = await stat(file).catch(() => undefined);
      if (facts?.isFile() === true && facts.mtimeMs < limit) await this.remove(file);
    }
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
