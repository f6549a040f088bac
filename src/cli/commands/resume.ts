import { declareStateCommand } from "../state-command.ts";

/** `nightsweep resume`: lets a run go on that was paused or cancelled. */
export const resumeCommand = declareStateCommand({
  name: "resume",
  description: "Let a run go on that was paused or cancelled",
  notes: `It starts no process: if nobody runs the trials, \`nightsweep run\` goes on with them.`,
  state: "running",
  answers: {
    obeyed: "it goes on",
    unheard: "nothing keeps it any more; nobody runs it now: start it with `nightsweep run`",
  },
});
