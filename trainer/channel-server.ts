import { exitCodes, type ExitCode } from "../src/contract/exit-codes.ts";
import { endOfAttemptMarker, type FromWorker, type ToWorker } from "../src/contract/worker-messages.ts";
import { describeError, formatStack } from "./describe-error.ts";
import { memoryUse } from "./memory-use.ts";
import { writeLine } from "./process-output.ts";
import { ProgressThrottle } from "./progress-throttle.ts";
import { predictImages } from "./predict-images.ts";
import { predictWithTrial } from "./predict-with-trial.ts";
import { reevaluateTrial } from "./saved-trial.ts";
import type { StopRequest } from "./stop-request.ts";
import { TrialRunner, type TrainerParts } from "./trial-runner.ts";

/** Work that may arrive over the channel. */
type Work = Exclude<ToWorker, { readonly type: "stop" }>;

const memoryCadenceMs = 1000;

/** An attempt in progress. */
interface ActiveAttempt {
  readonly trialIndex: number;
  readonly attempt: number;
}

/** Does what the parent process asks for over the IPC channel, one thing after another, until it should stop. */
export class ChannelServer {
  private readonly runner: TrialRunner;
  private readonly waiting: Work[] = [];
  private wake: () => void = () => undefined;
  private active: ActiveAttempt | undefined;

  constructor(
    private readonly parts: TrainerParts,
    private readonly stop: StopRequest,
  ) {
    this.runner = new TrialRunner(parts);
  }

  /** @returns the code to exit with */
  async serve(): Promise<ExitCode> {
    process.on("message", (message: ToWorker) => this.receive(message));
    // The parent has died, or needs us no longer.
    process.on("disconnect", () => this.stop.request(exitCodes.done));
    this.stop.signal.addEventListener("abort", () => this.wake());
    if (!process.connected) this.stop.request(exitCodes.done);

    const { notice } = this.parts.engine;
    await send({ type: "ready", ...(notice !== undefined && { notice }) });
    setInterval(sendMemoryUse, memoryCadenceMs).unref();
    while (!this.stop.signal.aborted) {
      const work = this.waiting.shift();
      if (work === undefined) await this.nextMessage();
      else if ((await this.perform(work)) === "checkpointed") return exitCodes.checkpointed;
    }
    return this.stop.idleExitCode;
  }

  /** Tells the parent that the attempt in progress, if any, fails because the process is about to end. */
  async failActive(error: unknown): Promise<void> {
    if (this.active === undefined) return;
    await this.endAttempt({ type: "failed", ...this.active, failure: describeError(error) });
  }

  private receive(message: ToWorker): void {
    if (message.type === "stop") return this.stop.request(exitCodes.done);
    this.waiting.push(message);
    this.wake();
  }

  private nextMessage(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private async perform(work: Work): Promise<"checkpointed" | "done"> {
    if (work.type === "run") return this.runAttempt(work);
    await send(await this.answer(work));
    return "done";
  }

  private async runAttempt({ trialIndex, attempt }: ActiveAttempt): Promise<"checkpointed" | "done"> {
    this.active = { trialIndex, attempt };
    const throttle = new ProgressThrottle(this.parts.clock, (progress) => {
      void send({ type: "progress", trialIndex, progress });
    });
    const outcome = await this.runner.run(trialIndex, attempt, {
      stop: this.stop.signal,
      onProgress: (progress) => throttle.offer(progress),
    });
    await this.endAttempt({ ...outcome, trialIndex, attempt });
    return outcome.type === "checkpointed" ? "checkpointed" : "done";
  }

  /** The markers go first: what comes after the message belongs to the next attempt. */
  private async endAttempt(message: Extract<FromWorker, { readonly attempt: number }>): Promise<void> {
    this.active = undefined;
    sendMemoryUse();
    const marker = endOfAttemptMarker(message.trialIndex, message.attempt);
    await writeLine(process.stdout, marker);
    await writeLine(process.stderr, marker);
    await send(message);
  }

  private async answer(question: Exclude<Work, { readonly type: "run" }>): Promise<FromWorker> {
    const { parts } = this;
    try {
      if (question.type === "predict") {
        const answer = await predictWithTrial(parts, question, question.examples);
        return "failure" in answer ? { type: "refused", ...answer } : { type: "predicted", ...answer };
      }
      if (question.type === "predictImages") {
        const answer = await predictImages(parts, question, question);
        return "failure" in answer ? { type: "refused", ...answer } : { type: "imagesPredicted", ...answer };
      }
      const answer = await reevaluateTrial(parts, question.trialKey, this.stop.signal);
      return "failure" in answer ? { type: "refused", ...answer } : { type: "evaluated", ...answer };
    } catch (error) {
      parts.logError(formatStack(error));
      return { type: "refused", failure: describeError(error) };
    }
  }
}

/** The parent judges by it when to replace this process, and what a sudden end of it means. */
function sendMemoryUse(): void {
  void send({ type: "memory", ...memoryUse() });
}

/** Sends a message to the parent. If it is gone, nobody waits for the message. */
function send(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(message, () => resolve());
  });
}
