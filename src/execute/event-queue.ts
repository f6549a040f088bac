import type { Attempt, TrialEvent } from "./executor.ts";

type LogEvent = Extract<TrialEvent, { type: "log" }>;

/** What has not been consumed of an attempt's text; more would only pile up in front of a slow consumer. */
const maxWaitingCharacters = 1024 * 1024;

/**
 * Events on their way to one consumer. Adding never waits. Memory stays bounded however slow the consumer is: of
 * an attempt, only the newest progress waits, and its waiting text is one event, whose middle goes when it gets long.
 */
export class EventQueue {
  private readonly waiting = new Map<string, TrialEvent>();
  private count = 0;
  private isEnded = false;
  private isIterated = false;
  private wake: (() => void) | undefined;

  /** Adds an event; after `end`, or when the consumer has left, it is dropped. */
  push(event: TrialEvent): void {
    if (this.isEnded) return;
    this.add(event);
    this.wake?.();
  }

  /** Lets the consumer finish after what is waiting now. */
  end(): void {
    this.isEnded = true;
    this.wake?.();
  }

  /**
   * The events in order.
   * @throws Error if it is iterated for the second time
   */
  async *iterate(): AsyncGenerator<TrialEvent, void, undefined> {
    if (this.isIterated) throw new Error("the events of an executor can be iterated once");
    this.isIterated = true;
    try {
      for (;;) {
        for (const [key, event] of this.waiting) {
          this.waiting.delete(key);
          yield event;
        }
        if (this.isEnded && this.waiting.size === 0) return;
        if (this.waiting.size === 0) await this.somethingHappens();
      }
    } finally {
      this.isEnded = true;
      this.waiting.clear();
    }
  }

  private add(event: TrialEvent): void {
    if (event.type === "progress") {
      // Deleted first, so that it stands behind what came before it.
      const key = keyOf(event, "progress");
      this.waiting.delete(key);
      this.waiting.set(key, event);
    } else if (event.type === "log") {
      const key = keyOf(event, "log");
      const earlier = this.waiting.get(key);
      this.waiting.set(key, earlier?.type === "log" ? joinLogs(earlier, event) : event);
    } else {
      this.waiting.set(keyOf(event, `${event.type} ${this.count++}`), event);
    }
  }

  private async somethingHappens(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }
}

function keyOf({ trialIndex, attempt }: Attempt, what: string): string {
  return `${trialIndex} ${attempt} ${what}`;
}

function joinLogs(earlier: LogEvent, later: LogEvent): LogEvent {
  const text = earlier.text + later.text;
  if (text.length <= maxWaitingCharacters) return { ...earlier, text };
  const end = text.slice(-maxWaitingCharacters / 2);
  return {
    ...earlier,
    text: `${text.slice(0, maxWaitingCharacters / 4)}\n… part of the log is left out here …\n${end}`,
  };
}
