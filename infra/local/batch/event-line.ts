/** How unreliably events arrive. */
export interface EventDelivery {
  /** Longest delay; events overtake each other within it. */
  readonly maxDelayMs: number;
  /** Probability that an event comes twice. */
  readonly duplicateRate: number;
  /** Probability that an event never comes. */
  readonly lossRate: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Delivers events as EventBridge may: at least once (or, to be strict, not at all), late and in any order. */
export class EventLine<Event> {
  constructor(
    private readonly delivery: EventDelivery,
    private readonly take: (event: Event) => void,
  ) {}

  send(event: Event): void {
    const { random, lossRate, duplicateRate } = this.delivery;
    if (random() < lossRate) return;
    this.later(event);
    if (random() < duplicateRate) this.later(event);
  }

  private later(event: Event): void {
    setTimeout(() => this.take(event), this.delivery.random() * this.delivery.maxDelayMs).unref();
  }
}
