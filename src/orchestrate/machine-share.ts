import { availableParallelism } from "node:os";
import path from "node:path";
import { cacheFolder } from "../engine/cache-folder.ts";
import { MachineNotices } from "../record/machine-notices.ts";
import type { LiveRunState, RunShare } from "./run-state.ts";
import type { ShareSource } from "./run-trials.ts";

/** A run among others on its machine. */
export interface SharingRun {
  readonly experiment: string;
  readonly runId: string;
  /** How it goes before others now. */
  readonly priority: () => number;
  /** Trials that it trains now, or would if they could start. */
  readonly wantedSlots: () => number;
  /** Cores that one trial computes on. */
  readonly threads: number;
}

/** Where and how often runs of one machine tell each other. */
export interface SharePlace {
  readonly folder: string;
  readonly intervalMs: number;
  /** Absent = those of this machine. */
  readonly cores?: number;
}

/** The folder of the notices, in the person's cache folder. @param variables the environment */
export function shareFolder(variables: Readonly<Record<string, string | undefined>>): string {
  return path.join(cacheFolder(variables), "running");
}

/**
 * Finds out what runs of higher priority leave of this machine, by notices that each run renews every few seconds. A
 * folder that can't be used is no failure: then every run works for itself.
 */
export class MachineShare implements ShareSource {
  private readonly notices: MachineNotices;
  private timer: NodeJS.Timeout | undefined;
  private isEnded = false;
  private looking: Promise<RunShare | undefined> = Promise.resolve(undefined);

  constructor(
    private readonly run: SharingRun,
    private readonly place: SharePlace,
  ) {
    this.notices = new MachineNotices(place.folder);
  }

  listen(take: (share: RunShare | undefined) => void): void {
    this.timer = setTimeout(() => {
      void this.look().then((share) => {
        if (this.isEnded) return;
        take(share);
        this.listen(take);
      });
    }, this.place.intervalMs);
  }

  /**
   * Tells the others what this run takes, and looks what they do.
   * @returns what those of higher priority leave; undefined if there are none
   */
  look(): Promise<RunShare | undefined> {
    this.looking = this.exchange().catch(() => undefined);
    return this.looking;
  }

  /** Looks no longer, and takes this run's notice back. */
  async end(): Promise<void> {
    this.isEnded = true;
    clearTimeout(this.timer);
    await this.looking;
    await this.notices.remove();
  }

  private async exchange(): Promise<RunShare | undefined> {
    const { experiment, runId, threads } = this.run;
    const own = this.run.priority();
    await this.notices.put({ experiment, runId, priority: own, cores: threads * this.run.wantedSlots() });
    const higher = (await this.notices.others()).filter(({ priority, cores }) => priority > own && cores > 0);
    const [first] = higher.toSorted((a, b) => b.priority - a.priority);
    if (first === undefined) return undefined;
    const taken = higher.reduce((sum, { cores }) => sum + cores, 0);
    const left = Math.max(0, (this.place.cores ?? availableParallelism()) - taken);
    const { experiment: name, runId: id, priority } = first;
    return { slots: Math.floor(left / threads), for: { experiment: name, runId: id, priority } };
  }
}

/** How many trials a run trains side by side, or would if nobody went before it. */
export function wantedSlots(
  { isStopping, wish, counts }: Pick<LiveRunState, "isStopping" | "wish" | "counts">,
  slots: number,
): number {
  if (isStopping || wish.state !== "running") return counts.running;
  return Math.min(wish.workers ?? slots, counts.running + counts.waiting);
}
