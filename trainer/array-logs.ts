import { pollIntervalMs } from "../src/record/poll-interval.ts";
import { RunningLogs } from "../src/record/running-logs.ts";
import { TrialLogs } from "../src/record/trial-logs.ts";
import type { TrialPlace } from "./claimed-attempt.ts";
import type { TrainerParts } from "./trial-runner.ts";

/**
 * Keeps what the trials of an array child print in their records, as the orchestrator beside a worker does; what else
 * the process prints is only in the container's log.
 */
export class ArrayLogs {
  /** The trainer's parts, with logs that are kept as well. */
  readonly parts: TrainerParts;
  private take: ((text: string) => void) | undefined;

  constructor(private readonly given: TrainerParts) {
    this.parts = {
      ...given,
      log: (line) => {
        given.log(line);
        this.take?.(`${line}\n`);
      },
      logError: (text) => {
        given.logError(text);
        this.take?.(`${text}\n`);
      },
    };
  }

  /** Does something whose output belongs to a trial. */
  async during<Outcome>({ experiment, runId, trialId }: TrialPlace, work: () => Promise<Outcome>): Promise<Outcome> {
    const { store } = this.given;
    const logs = new RunningLogs(new TrialLogs(store, { experiment, runId }), pollIntervalMs(store));
    this.take = (text) => logs.append(trialId, text);
    try {
      return await work();
    } finally {
      this.take = undefined;
      // The log is not worth a trial: whatever failed has said so.
      await logs.flush(trialId).catch(() => undefined);
    }
  }
}
