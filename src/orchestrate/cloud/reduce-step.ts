import { jobNamePrefix } from "../../contract/batch-limits.ts";
import type { RunStep } from "../../contract/run-machine.ts";
import { loadRound, requireRound } from "../../record/run-rounds.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import type { CloudParts } from "./cloud-parts.ts";
import { loadCloudRun, type CloudRun } from "./cloud-run.ts";
import { collectOutcome } from "./collect-outcome.ts";
import { nextStep, stepOf, stepOfRound } from "./next-step.ts";
import { loadPlayedRounds, type PlayedRound } from "./replay-rounds.ts";

/**
 * What comes after a round whose jobs have ended: another round of what is missing, a pause, or the report. Asked
 * again, it gives the same answer.
 */
export async function reduceStep(parts: CloudParts, step: RunStep): Promise<RunStep> {
  const run = await loadCloudRun(parts.store, step);
  const after = await loadRound(parts.store, run.key, step.round + 1);
  if (after !== undefined) return stepOfRound(run, after);
  if (await isOngoing(parts, run, step.round)) return stepOf(run, { round: step.round, next: "wait", waitSeconds: 60 });
  const rounds = await settleRounds(parts, run, step.round);
  return nextStep(parts, run, { rounds, next: step.round + 1, known: [] });
}

/** Whether jobs of a round still run: the machine lost sight of them, or their end has not got about yet. */
async function isOngoing({ jobs, settings }: CloudParts, run: CloudRun, round: number): Promise<boolean> {
  const listed = await jobs.list(settings.queues[run.queue], `${jobNamePrefix(run)}r${round}-`);
  return listed.some(({ status }) => status !== "SUCCEEDED" && status !== "FAILED");
}

/** The rounds of an execution up to the given one, with what became of it. */
export async function settleRounds(parts: CloudParts, run: CloudRun, round: number): Promise<PlayedRound[]> {
  const { store } = parts;
  const last = await requireRound(store, objectKeys.round(run.key, round));
  const played = await loadPlayedRounds(store, run.key, last);
  const open = played.at(-1);
  if (open === undefined || open.outcome !== undefined) return played;
  return [...played.slice(0, -1), { round: open.round, outcome: await collectOutcome(parts, run, open.round) }];
}
