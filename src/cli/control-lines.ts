import type { ControlDocument } from "../record/run-control.ts";
import { isOpen, type RunSession } from "../record/run-sessions.ts";

/** Who runs a run's trials now, and whether somebody keeps them from it; for people. */
export function controlLines(control: ControlDocument | undefined, sessions: readonly RunSession[]): string[] {
  const open = sessions.filter(isOpen);
  const running = open.map(({ process, updatedAt }) => {
    const [host = ""] = process?.space.split(" ") ?? [];
    return `run by process ${process?.pid} on ${host}, last heard of at ${updatedAt}`;
  });
  if (control?.state === "paused") return [...running, `paused at ${control.changedAt}; to go on: nightsweep resume`];
  if (control?.state === "cancelled")
    return [...running, `cancelled at ${control.changedAt}; it goes on only with \`nightsweep run --resume\``];
  return running;
}
