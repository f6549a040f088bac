import { declareStateCommand } from "../state-command.ts";

/** `nightsweep cancel`: ends a run for good, wherever it runs. */
export const cancelCommand = declareStateCommand({
  name: "cancel",
  description: "End a run, wherever it runs: what is trained writes a checkpoint, and nothing goes on by itself",
  notes: `The process that runs it ends with exit code 4, as does a later \`nightsweep run\` of the same plan; with --resume it
goes on from the checkpoints. What is finished stays finished.`,
  state: "cancelled",
  answers: {
    obeyed: "cancelled: what runs finishes its step and writes a checkpoint, then the run ends",
    unheard: "cancelled; nobody runs it now. It goes on only with `nightsweep run --resume`",
  },
});
