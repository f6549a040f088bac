import type { Failure } from "../contract/worker-messages.ts";
import type { Attempt } from "./executor.ts";
import { type AttemptEnd, type AttemptReporter, type Slot, SlotPool } from "./slot-pool.ts";

/** What the function of an `InMemoryExecutor` is given beside the attempt. */
export interface AttemptContext extends AttemptReporter {
  /** Aborted = finish the step, checkpoint and end as `checkpointed`. */
  readonly stop: AbortSignal;
}

/**
 * Pretends to be a trainer for one attempt.
 * @returns how the attempt ended; to throw = a bug of the trainer
 */
export type AttemptFunction = (attempt: Attempt, context: AttemptContext) => Promise<AttemptEnd>;

/** Runs attempts as functions of this process: for tests and simulations. */
export class InMemoryExecutor extends SlotPool {
  constructor({ slots, run }: { readonly slots: number; readonly run: AttemptFunction }) {
    super(Array.from({ length: slots }, (_, index) => new FunctionSlot(`function ${index + 1}`, run)));
  }
}

class FunctionSlot implements Slot {
  private readonly stopping = new AbortController();
  private interrupting = new AbortController();
  private endNow: ((end: AttemptEnd) => void) | undefined;

  constructor(
    readonly name: string,
    private readonly action: AttemptFunction,
  ) {}

  async run(attempt: Attempt, reporter: AttemptReporter): Promise<AttemptEnd> {
    let hasEnded = false;
    this.interrupting = new AbortController();
    const context: AttemptContext = {
      progress: (progress) => hasEnded || reporter.progress(progress),
      log: (text) => hasEnded || reporter.log(text),
      stop: AbortSignal.any([this.stopping.signal, this.interrupting.signal]),
    };
    const end = await new Promise<AttemptEnd>((resolve) => {
      this.endNow = resolve;
      void this.act(attempt, context).then(resolve);
    });
    hasEnded = true;
    return end;
  }

  interrupt(): void {
    this.interrupting.abort();
  }

  stop(): void {
    this.stopping.abort();
  }

  kill(): void {
    this.endNow?.(failed("killed", "the attempt was ended on request"));
  }

  async close(): Promise<void> {}

  private async act(attempt: Attempt, context: AttemptContext): Promise<AttemptEnd> {
    try {
      return await this.action(attempt, context);
    } catch (error) {
      return failed("bug", error instanceof Error ? error.message : String(error));
    }
  }
}

function failed(kind: Failure["kind"], reason: string): AttemptEnd {
  return { type: "failed", failure: { kind, reason } };
}
