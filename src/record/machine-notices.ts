import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { isProcessDead, processSpace } from "./process-space.ts";

/** What a run tells the other runs of the same person on the same machine. */
const noticeSchema = z.object({
  schemaVersion: z.literal(1),
  process: z.object({ space: z.string(), pid: z.int() }),
  experiment: z.string(),
  runId: z.string(),
  /** The higher goes first. */
  priority: z.int(),
  /** Cores that its trials compute on now, or would if they could start. */
  cores: z.number().min(0),
});

/** A run that goes on, as it tells the others. */
export type Notice = z.infer<typeof noticeSchema>;

/** A notice that was not renewed for so long is from a process that hangs or was frozen. */
const silentAfterMs = 60_000;

/** Notices of runs in a folder of one machine: each process renews its own, and reads those of the others. */
export class MachineNotices {
  private readonly own: string;

  constructor(private readonly folder: string) {
    this.own = path.join(folder, `${process.pid}-${randomUUID()}.json`);
  }

  /** Renews this process' notice. */
  async put(notice: Omit<Notice, "schemaVersion" | "process">): Promise<void> {
    const whole: Notice = { schemaVersion: 1, process: { space: processSpace(), pid: process.pid }, ...notice };
    await mkdir(this.folder, { recursive: true });
    const aside = `${this.own}.new`;
    await writeFile(aside, JSON.stringify(whole));
    await rename(aside, this.own);
  }

  /** Takes this process' notice back. */
  async remove(): Promise<void> {
    await rm(this.own, { force: true }).catch(() => undefined);
  }

  /** Those of the other runs that go on. */
  async others(): Promise<Notice[]> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith(".json"));
    const files = names.map((name) => path.join(this.folder, name)).filter((file) => file !== this.own);
    return (await Promise.all(files.map(loadNotice))).flat();
  }
}

/** A notice of a process that lives; that of a dead one is removed. */
async function loadNotice(file: string): Promise<Notice[]> {
  try {
    const { mtimeMs } = await stat(file);
    const notice = noticeSchema.parse(JSON.parse(await readFile(file, "utf8")));
    // Home folders may be shared by machines.
    if (notice.process.space !== processSpace()) return [];
    if (isProcessDead(notice.process)) {
      await rm(file, { force: true });
      return [];
    }
    return Date.now() - mtimeMs < silentAfterMs ? [notice] : [];
  } catch {
    // Taken back meanwhile, or of another version.
    return [];
  }
}
