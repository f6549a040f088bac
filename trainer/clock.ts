/** Time, as far as the trainer uses it; nothing that decides a result does. */
export interface Clock {
  /** Milliseconds since some moment; only ever increase. */
  milliseconds(): number;
  /** Date and time of day. */
  date(): Date;
}

/** The machine's clock. */
export const systemClock: Clock = { milliseconds: () => performance.now(), date: () => new Date() };
