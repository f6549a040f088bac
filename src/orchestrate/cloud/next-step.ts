import { jobNameOf } from "../../contract/batch-limits.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import type { Chunk, RunStep } from "../../contract/run-machine.ts";
import { trainerVariables } from "../../contract/trainer-environment.ts";
import { loadControl } from "../../record/run-control.ts";
import { rangesOf, writeRound, type Ranges, type RunRound } from "../../record/run-rounds.ts";
import { decide, type Decision } from "../decide.ts";
import type { LiveRunState } from "../run-state.ts";
import type { CloudParts } from "./cloud-parts.ts";
import type { CloudRun } from "./cloud-run.ts";
import { replayRounds, type PlayedRound } from "./replay-rounds.ts";
import { shareOut, timeoutSecondsOf } from "./share-out.ts";

/** What a run's next round would build on. */
export interface RunSoFar {
  /** Rounds of this execution, the last one with its outcome. */
  readonly rounds: readonly PlayedRound[];
  /** Number of the next round. */
  readonly next: number;
  /** Of a run without rounds: trials that were finished before. */
  readonly known: Ranges;
}

/** The longest that a machine sleeps before it looks again whether a run was resumed. */
const longestWaitSeconds = 300;

/** What is to be done with a run now, by the same decision that the local loop makes. */
export async function decideNow(
  { store, now }: Pick<CloudParts, "store" | "now">,
  run: CloudRun,
  { rounds, known }: Pick<RunSoFar, "rounds" | "known">,
): Promise<{ readonly state: LiveRunState; readonly decision: Decision }> {
  const at = now();
  const begun = rounds.length > 0 ? rounds : [{ round: emptyRound(run, at, known) }];
  const state = replayRounds(run.plan, begun, run.policy);
  const control = await loadControl(store, run.key);
  if (control !== undefined)
    state.markWish({ state: control.state, ...(control.workers && { workers: control.workers.count }) });
  state.advance(at.getTime() - Date.parse(begun[0]?.round.at ?? ""), 0);
  return { state, decision: decide(state, run.policy) };
}

/** Decides the next step of a run, and writes down the round if there is one. */
export async function nextStep(parts: CloudParts, run: CloudRun, soFar: RunSoFar): Promise<RunStep> {
  const { decision } = await decideNow(parts, run, soFar);
  const round = Math.max(1, soFar.next - 1);
  if (decision.stop !== undefined || decision.isOver) return stepOf(run, { round, next: "report" });
  if (decision.dispatch.length === 0) {
    const seconds = Math.ceil((decision.wakeAfterMs ?? longestWaitSeconds * 1000) / 1000);
    return stepOf(run, { round, next: "wait", waitSeconds: Math.min(longestWaitSeconds, Math.max(1, seconds)) });
  }
  const trials = decision.dispatch.map(({ trialIndex }) => trialIndex);
  const written = await writeRound(parts.store, run.key, {
    schemaVersion: 1,
    round: soFar.next,
    execution: run.execution,
    firstRound: soFar.rounds[0]?.round.firstRound ?? soFar.next,
    at: parts.now().toISOString(),
    isConfirming: run.isConfirming,
    trials: rangesOf(trials),
    chunks: makeChunks(parts, run, { round: soFar.next, trials }),
    ...(soFar.rounds.length === 0 && { known: soFar.known }),
  });
  return stepOfRound(run, written);
}

/** The step that submits a round's jobs; nothing, if the round is another execution's. */
export function stepOfRound(run: CloudRun, { round, execution, chunks }: RunRound): RunStep {
  if (execution !== run.execution) return stepOf(run, { round, next: "nothing" });
  return stepOf(run, { round, next: "dispatch", chunks });
}

/** A step; what is not said is empty. */
export function stepOf(
  { experiment, runId, queue, trigger, execution, isConfirming }: Omit<RunStep, keyof StepChoice>,
  choice: Partial<StepChoice> & Pick<StepChoice, "round" | "next">,
): RunStep {
  const place = { experiment, runId, queue, trigger, execution, isConfirming };
  return { ...place, waitSeconds: 0, chunks: [], ...choice };
}

type StepChoice = Pick<RunStep, "round" | "next" | "waitSeconds" | "chunks">;

function emptyRound(run: CloudRun, at: Date, known: Ranges): RunRound {
  return {
    schemaVersion: 1,
    round: 1,
    execution: run.execution,
    firstRound: 1,
    at: at.toISOString(),
    isConfirming: run.isConfirming,
    trials: [],
    chunks: [],
    known,
  };
}

function makeChunks(
  { settings }: Pick<CloudParts, "settings">,
  run: CloudRun,
  { round, trials }: { readonly round: number; readonly trials: readonly number[] },
): Chunk[] {
  const { experiment, runId, plan, key, queue } = run;
  const trialsPerGpu = plan.resources.trialsPerGpu ?? settings.trialsPerGpu ?? 1;
  return shareOut(plan, trials, settings.sizes).map(({ size, arraySize, trialsPerJob, trialOffset }, chunk) => ({
    jobName: jobNameOf({ experiment, runId, round, chunk }),
    jobQueue: settings.queues[queue],
    jobDefinition: settings.sizes[size]?.arn ?? "",
    size: arraySize,
    timeoutSeconds: timeoutSecondsOf(plan, trials, trialsPerJob),
    environment: [
      { Name: trainerVariables.planKey, Value: objectKeys.plan(key) },
      { Name: trainerVariables.roundKey, Value: objectKeys.round(key, round) },
      { Name: trainerVariables.trialOffset, Value: String(trialOffset) },
      { Name: trainerVariables.trialsPerJob, Value: String(trialsPerJob) },
      ...(trialsPerGpu > 1 && trialsPerJob > 1
        ? [{ Name: trainerVariables.trialsPerGpu, Value: String(trialsPerGpu) }]
        : []),
      ...(run.provenance === undefined ? [] : [{ Name: trainerVariables.provenance, Value: run.provenance }]),
    ],
  }));
}
