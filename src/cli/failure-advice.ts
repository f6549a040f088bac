import type { FailureKind } from "../contract/worker-messages.ts";

/** A kind of failure in a few words for people, and what to do about it. */
export const failureAdvice: Readonly<Record<FailureKind, { readonly name: string; readonly advice: string }>> = {
  user: {
    name: "a mistake in the experiment or the data",
    advice: "mend what the message names, then run again; what is finished is not trained again",
  },
  diverged: {
    name: "the loss diverged",
    advice: "it will again with these values: try what the message suggests, or `sweep.exclude` them",
  },
  memory: {
    name: "out of memory",
    advice: "use a smaller batch (training.batchSize, evaluation.batchSize), fewer units or fewer workers",
  },
  killed: {
    name: "the worker was killed",
    advice: "often the machine was out of memory: use fewer --workers; run again to go on from the checkpoints",
  },
  infrastructure: {
    name: "store, disk or network could not be used",
    advice: "mend what the message names (free some disk, check the network), then run again to go on",
  },
  timeLimit: {
    name: "the time limit was reached",
    advice: "raise run.trialTimeLimit, or just run again: it goes on from its checkpoint",
  },
  bug: {
    name: "the trainer crashed",
    advice: "read the last lines of its log; if nothing there explains it, report it as a bug of nightsweep",
  },
};
