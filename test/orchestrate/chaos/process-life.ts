import type { RunClock } from "../../../src/orchestrate/run-clock.ts";
import type { VirtualTime } from "../../../src/orchestrate/simulate/virtual-time.ts";
import type { ClaimClock } from "../../../src/record/claim-clock.ts";

/** A process of a simulation: what it does after its end never happens, and while it is stalled it waits. */
export interface Life {
  isOver: boolean;
  stalledUntilMs: number;
}

/** A process that has just started. */
export function newLife(): Life {
  return { isOver: false, stalledUntilMs: 0 };
}

/** Lets time pass for a process; never resolves if the process ends meanwhile. */
export async function pass(time: VirtualTime, life: Life, delayMs: number): Promise<void> {
  await time.sleep(delayMs);
  while (!life.isOver && time.nowMs() < life.stalledUntilMs) await time.sleep(life.stalledUntilMs - time.nowMs());
  if (life.isOver) await new Promise(() => undefined);
}

/** The clock of a process: off by days, and too fast or too slow. Its timers wait while it is stalled. */
export function clockOf(
  time: VirtualTime,
  life: Life,
  { offsetMs, rate }: { readonly offsetMs: number; readonly rate: number },
): RunClock & ClaimClock {
  const after: RunClock["after"] = (delayMs, action) => {
    let cancel = time.after(delayMs / rate, fire);
    function fire(): void {
      if (life.isOver) return;
      const stalledMs = life.stalledUntilMs - time.nowMs();
      if (stalledMs > 0) cancel = time.after(stalledMs, fire);
      else action();
    }
    return () => cancel();
  };
  return {
    nowMs: () => offsetMs + rate * time.nowMs(),
    after,
    every(periodMs, action) {
      let cancel = after(periodMs, repeat);
      function repeat(): void {
        cancel = after(periodMs, repeat);
        action();
      }
      return () => cancel();
    },
  };
}
