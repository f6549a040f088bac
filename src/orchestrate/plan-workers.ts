import { availableParallelism } from "node:os";
import type { Plan } from "../plan/plan.ts";
import { chooseWorkers, largestWorkerBytes, type WorkerChoice } from "./choose-workers.ts";
import { loadMeasuredWorkers, profileKey, saveMeasuredWorkers, workerProfileFile } from "./worker-profile.ts";
import { WorkerTuner } from "./worker-tuner.ts";

/** How many trials of a plan run side by side here, and how that is found out. */
export interface PlannedWorkers {
  readonly choice: WorkerChoice;
  /** Cores that a trial computes on. */
  readonly threads: number;
  /** Set if it is worth finding out whether as many pay. */
  readonly tuner: WorkerTuner | undefined;
  /** Keeps for the next run what was found out. */
  save(): Promise<void>;
}

/** With less work for each worker, measuring takes longer than it can save: about a minute of a small network. */
const worthMeasuring = 5e11;

/**
 * Chooses for this machine, now.
 * @param options.asked what the person asked for; undefined = what is best
 * @param options.trials how many are to be trained
 */
export async function planWorkers(
  plan: Plan,
  { engine, asked, trials }: { readonly engine: string; readonly asked: number | undefined; readonly trials: number },
): Promise<PlannedWorkers> {
  const threads = threadsOf(plan, engine);
  const [file, key] = [workerProfileFile(process.env), profileKey(plan, engine, threads)];
  const measured = await loadMeasuredWorkers(file, key, new Date());
  const choice = chooseWorkers({
    cores: availableParallelism(),
    threads,
    trials,
    workerBytes: largestWorkerBytes(plan),
    availableBytes: process.availableMemory(),
    asked,
    measured,
  });
  const isKnown = asked !== undefined || (measured !== undefined && measured.tried >= choice.count);
  const isWorthIt = choice.count > 1 && (meanWork(plan) * trials) / choice.count > worthMeasuring;
  const tuner = !isKnown && isWorthIt ? new WorkerTuner(choice.count, () => performance.now()) : undefined;
  return {
    choice,
    threads,
    tuner,
    save: async () => {
      if (tuner?.result !== undefined) await saveMeasuredWorkers(file, key, { ...tuner.result, now: new Date() });
    },
  };
}

/** Threads that a trial computes with: the embedded engine has one. */
function threadsOf({ resources }: Plan, engine: string): number {
  return engine === "wasm" ? 1 : (resources.threads ?? 1);
}

/** Multiply-adds of a trial. */
function meanWork({ configurations }: Plan): number {
  const all = configurations.reduce((sum, { estimate }) => sum + estimate.trainingMultiplyAdds, 0);
  return all / Math.max(1, configurations.length);
}
