import type { FromWorker, ToWorker } from "../contract/worker-messages.ts";
import { LastLines } from "./last-lines.ts";
import { classifyExit } from "./worker-exit.ts";
import { WorkerProcess, type WorkerStart } from "./worker-process.ts";

/** What can be asked about a finished trial. */
export type TrainerQuestion = Extract<ToWorker, { type: "evaluate" | "predict" | "predictImages" }>;

/** What a trainer answers. */
export type TrainerAnswer = Extract<FromWorker, { type: (typeof answerTypes)[number] }>;

const answerTypes = ["evaluated", "predicted", "imagesPredicted", "refused"] as const;

/**
 * Starts a trainer for one question about a saved model, and ends it.
 * @returns its answer; `refused` also if the process ended without one
 */
export async function askTrainer(start: WorkerStart, question: TrainerQuestion): Promise<TrainerAnswer> {
  const worker = new WorkerProcess(start);
  const lastLines = new LastLines();
  // No marker ends what is written here.
  void worker.stderr.capture("\0", (text) => lastLines.append(text));
  void worker.stdout.capture("\0", () => undefined);
  const answer = new Promise<TrainerAnswer>((resolve) => {
    worker.onMessage = (message) => {
      if (isAnswer(message)) resolve(message);
    };
  });
  if (await worker.ready) worker.send(question);
  const death = worker.ended.then((exit): TrainerAnswer => {
    const end = classifyExit(exit, lastLines.toString());
    if (end.type === "failed") return { type: "refused", failure: end.failure };
    return { type: "refused", failure: { kind: "bug", reason: "the trainer left without an answer" } };
  });
  const first = await Promise.race([answer, death]);
  await worker.leave();
  return first;
}

function isAnswer(message: FromWorker): message is TrainerAnswer {
  return answerTypes.some((type) => type === message.type);
}
