import { exitCodes, type ExitCode } from "../src/contract/exit-codes.ts";

/**
 * Somebody's wish that the process ends: the current step is finished and a checkpoint written first.
 * The first request counts.
 */
export class StopRequest {
  private readonly controller = new AbortController();
  private code: ExitCode = exitCodes.done;

  /** Aborted once the process should end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** How to leave if there was nothing to write a checkpoint of. */
  get idleExitCode(): ExitCode {
    return this.code;
  }

  request(idleExitCode: ExitCode): void {
    if (this.signal.aborted) return;
    this.code = idleExitCode;
    this.controller.abort();
  }
}
