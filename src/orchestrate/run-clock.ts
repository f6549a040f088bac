/** The time that a run is measured with: one that only goes forward, of this machine or of a simulation. */
export interface RunClock {
  /** Milliseconds since some fixed moment. */
  nowMs(): number;
  /** Calls a function once after a time. @returns how to call that off */
  after(delayMs: number, action: () => void): () => void;
}

/** Timers hold no more than 2³¹ − 1 ms; whoever waits for longer asks again. */
const longestTimerMs = 2 ** 31 - 1;

/** The clock of this process; changes of the system's date don't reach it. */
export const processClock: RunClock = {
  nowMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.min(longestTimerMs, Math.ceil(delayMs)));
    return () => clearTimeout(timer);
  },
};
