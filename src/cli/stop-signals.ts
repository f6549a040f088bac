import { exitCodes } from "../contract/exit-codes.ts";

/** What Ctrl-C asks of a command that trains. */
export interface StopSignals {
  /** Aborted by the first Ctrl-C or SIGTERM: write checkpoints and stop. */
  readonly stop: AbortSignal;
  /** Aborted by the second: stop at once. */
  readonly kill: AbortSignal;
  /** From then on a signal ends the process. */
  end(): void;
}

/** Listens to Ctrl-C and SIGTERM from now on. To be called once in a process. */
export function listenToStopSignals(): StopSignals {
  const stop = new AbortController();
  const kill = new AbortController();
  let hasEnded = false;
  const onSignal = (): void => {
    // Everything is written down: only the printing of the result is cut short.
    if (hasEnded) process.exit(exitCodes.interrupted);
    if (stop.signal.aborted) kill.abort();
    else stop.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const end = (): void => {
    hasEnded = true;
    // Node takes its signal handlers away first when it tears itself down; a signal in that moment would end the process
    // without an exit code. Everything is printed by then (the loop is empty), so the teardown is left out.
    process.once("exit", (code) => process.exit(code));
  };
  return { stop: stop.signal, kill: kill.signal, end };
}
