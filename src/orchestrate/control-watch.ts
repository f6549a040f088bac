import type { Plan } from "../plan/plan.ts";
import { pollIntervalMs } from "../record/poll-interval.ts";
import { loadControl, type ControlDocument } from "../record/run-control.ts";
import type { Store } from "../record/store.ts";
import type { RunWish } from "./run-state.ts";
import type { WishSource } from "./run-trials.ts";

/** Where a run's `control.json` lies. */
export interface ControlPlace {
  readonly store: Store;
  /** Key of the run's folder. */
  readonly run: string;
  readonly plan: Plan;
}

/** Who is told what people ask of a run. */
export interface ControlListener {
  /** Called when what is asked has been passed on to the run. @param version that of the `control.json` */
  onChange(wish: RunWish, version: number): void;
  /** Called after every look. */
  onLook(): void;
}

/**
 * Looks every few seconds what people ask of a run. Whether it is paused or cancelled was perhaps said before; a number
 * of workers, a priority and retries are for those who were there when they were asked for.
 */
export class ControlWatch implements WishSource {
  private readonly trialIndexes: ReadonlyMap<string, number>;
  private seen: number;
  private timer: NodeJS.Timeout | undefined;
  private isEnded = false;

  /** @param first `control.json` as it was when the session began */
  constructor(
    private readonly place: ControlPlace,
    private readonly first: ControlDocument | undefined,
    private readonly listener: ControlListener,
    private readonly intervalMs = pollIntervalMs(place.store),
  ) {
    this.seen = first?.version ?? 0;
    this.trialIndexes = new Map(place.plan.trials.map(({ id }, index) => [id, index]));
  }

  listen(take: (wish: RunWish, retries: readonly number[]) => void): void {
    if (this.first !== undefined) take(this.wishOf(this.first), []);
    this.lookLater(take);
  }

  /** Looks no longer. */
  end(): void {
    this.isEnded = true;
    clearTimeout(this.timer);
  }

  private lookLater(take: Parameters<WishSource["listen"]>[0]): void {
    this.timer = setTimeout(() => void this.look(take), this.intervalMs);
  }

  private async look(take: Parameters<WishSource["listen"]>[0]): Promise<void> {
    // A store that can't be used now is looked at again: the trials themselves will say if it stays so.
    const control = await loadControl(this.place.store, this.place.run).catch(() => undefined);
    if (this.isEnded) return;
    if (control !== undefined && control.version > this.seen) {
      const retries = control.retries.filter(({ version }) => version > this.seen);
      this.seen = control.version;
      const wish = this.wishOf(control);
      take(
        wish,
        retries.flatMap(({ trialId }) => this.trialIndexes.get(trialId) ?? []),
      );
      this.listener.onChange(wish, control.version);
    }
    this.listener.onLook();
    this.lookLater(take);
  }

  private wishOf({ state, workers, priority }: ControlDocument): RunWish {
    const isForUs = (wish: { readonly version: number }): boolean => wish.version > (this.first?.version ?? 0);
    return {
      state,
      ...(workers !== undefined && isForUs(workers) && { workers: workers.count }),
      ...(priority !== undefined && isForUs(priority) && { priority: priority.value }),
    };
  }
}
