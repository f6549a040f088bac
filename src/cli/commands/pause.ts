import { declareStateCommand } from "../state-command.ts";

/** `nightsweep pause`: lets a run wait at a checkpoint. */
export const pauseCommand = declareStateCommand({
  name: "pause",
  description: "Let a run wait, wherever it runs: what is trained writes a checkpoint and frees its worker",
  notes: `The process that runs it stays and waits for \`nightsweep resume\`. Time limits and budgets of money go on meanwhile.`,
  state: "paused",
  answers: {
    obeyed: "paused: what runs finishes its step and writes a checkpoint; to go on: nightsweep resume",
    unheard: "paused; nobody runs it now, and `nightsweep run` will wait until it is resumed (or given --resume)",
  },
});
