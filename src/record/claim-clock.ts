/** The time that a claim is held with: one that only goes forward, of this process or of a simulation. */
export interface ClaimClock {
  /** Milliseconds since some fixed moment. */
  nowMs(): number;
  /** Calls a function again and again. @returns calls it off */
  every(periodMs: number, action: () => void): () => void;
}

/** The clock of this process; what is called again and again doesn't keep the process alive. */
export const processClaimClock: ClaimClock = {
  nowMs: () => performance.now(),
  every(periodMs, action) {
    const timer = setInterval(action, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};
