import type { TrialId } from "../plan/plan.ts";
import type { TrialLogs } from "./trial-logs.ts";

/** Each flush reads and writes the whole log: so many characters of it make the wait as long again. */
const charactersPerInterval = 128 * 1024;

interface RunningLog {
  timer: NodeJS.Timeout | undefined;
  /** Flushes go one after another, or one would undo what the other wrote. */
  last: Promise<unknown>;
  lastBeganMs: number;
  characters: number;
}

/**
 * Makes the logs of trials that run durable every few seconds, the longer the log the less often, so that others can
 * follow them and a kill loses little. What the store can't take now is written the next time.
 */
export class RunningLogs {
  private readonly running = new Map<TrialId, RunningLog>();

  constructor(
    private readonly logs: Pick<TrialLogs, "append" | "flush" | "keep">,
    private readonly intervalMs: number,
  ) {}

  /** Takes note of a piece of text; it is durable soon. */
  append(trialId: TrialId, text: string): void {
    this.logs.append(trialId, text);
    const log = this.running.get(trialId) ?? newLog();
    this.running.set(trialId, log);
    log.characters += text.length;
    log.timer ??= this.flushLater(trialId, log);
  }

  /** Writes what was appended until now; called when an attempt has ended. */
  async flush(trialId: TrialId): Promise<void> {
    const log = this.running.get(trialId);
    this.running.delete(trialId);
    clearTimeout(log?.timer);
    await log?.last;
    await this.logs.flush(trialId);
  }

  private flushLater(trialId: TrialId, log: RunningLog): NodeJS.Timeout {
    const intervalMs = this.intervalMs * (1 + log.characters / charactersPerInterval);
    const delayMs = Math.max(0, log.lastBeganMs + intervalMs - performance.now());
    const timer = setTimeout(() => {
      log.timer = undefined;
      log.lastBeganMs = performance.now();
      log.last = log.last.then(() => this.logs.keep(trialId));
    }, delayMs);
    // What is left at the end is flushed by whoever ends the attempt.
    return timer.unref();
  }
}

function newLog(): RunningLog {
  return { timer: undefined, last: Promise.resolve(), lastBeganMs: Number.NEGATIVE_INFINITY, characters: 0 };
}
