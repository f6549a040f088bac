import type { Range } from "../../plan/outlook/range.ts";
import type { StopReason } from "../../record/run-sessions.ts";
import { costOf } from "../decide.ts";
import type { RunPolicy } from "../run-policy.ts";
import { LiveRunState } from "../run-state.ts";
import { runTrials, type RunJournal } from "../run-trials.ts";
import { Chance } from "./chance.ts";
import { SimulatedFleet, type FleetOptions, type SimulatedTrial } from "./simulated-fleet.ts";
import { VirtualTime } from "./virtual-time.ts";

/** One trial that is to be run. */
export interface WorkItem {
  /** Training time, as it is known. */
  readonly seconds: Range;
  /** Part of the training between two checkpoints, 0…1; more than 1 = none is written. */
  readonly checkpointPart: number;
  readonly configuration: number;
}

/** A run that is to be simulated. */
export interface SimulationRequest {
  readonly work: readonly WorkItem[];
  readonly fleet: FleetOptions;
  /** Probability that a trial's loss diverges. */
  readonly divergenceRate: number;
  readonly policy: RunPolicy;
}

/** What one simulated run came to. */
export interface SimulatedRun {
  readonly elapsedSeconds: number;
  /** Time of all attempts. */
  readonly computingSeconds: number;
  /** Time of all instances. */
  readonly paidSeconds: number;
  readonly usd: number;
  /** Part of the training time that was lost because it was behind the last checkpoint, 0…1. */
  readonly lostPart: number;
  readonly reclaims: number;
  readonly finished: number;
  readonly failed: number;
  /** The rule that stopped the run, if one did. */
  readonly stop?: StopReason["rule"];
}

/** Times are known up to a common factor; single trials scatter around it by so much (standard deviation). */
const trialSpread = 0.05;
/** Standard deviations between the median and the 95th percentile of a normal distribution. */
const ninetyFifth = 1.645;

const silentJournal: RunJournal = {
  log: () => undefined,
  flushLog: () => Promise.resolve(),
  failure: () => Promise.resolve(),
};

/** Runs trials in virtual time, with the loop and the decisions of a real run. Equal seeds give equal outcomes. */
export async function simulateRun(request: SimulationRequest, seed: number): Promise<SimulatedRun> {
  const { work, policy } = request;
  const time = new VirtualTime();
  const trials = drawTrials(request, seed);
  const fleet = new SimulatedFleet(time, (index) => trials[index] ?? noTrial, request.fleet, seed);
  const known = { finished: new Set<number>(), cached: new Set<number>() };
  const configurationOf = (index: number): number => work[index]?.configuration ?? -1;
  const state = new LiveRunState(work.length, known, { configurationOf });
  const never = new AbortController().signal;
  const control = { stop: never, kill: never, onEvent: () => undefined };
  const parts = { executor: fleet, journal: silentJournal, control, clock: time, paidMs: () => fleet.paidMs() };
  await time.run(runTrials(state, policy, parts));
  const { lostMs, trainedMs, reclaims } = fleet.figures;
  const paidMs = fleet.paidMs();
  return {
    elapsedSeconds: state.nowMs / 1000,
    computingSeconds: state.spent.computingMs / 1000,
    paidSeconds: paidMs / 1000,
    usd: costOf(paidMs, policy),
    lostPart: trainedMs === 0 ? 0 : lostMs / trainedMs,
    reclaims,
    finished: state.counts.finished,
    failed: state.counts.failed,
    ...(state.stopReason !== undefined && { stop: state.stopReason.rule }),
  };
}

const noTrial: SimulatedTrial = { seconds: 0, checkpointSeconds: Number.POSITIVE_INFINITY, diverges: false };

function drawTrials({ work, divergenceRate }: SimulationRequest, seed: number): SimulatedTrial[] {
  const chance = new Chance(seed, 2);
  const common = chance.normal();
  return work.map(({ seconds, checkpointPart }) => {
    const spread = seconds.likely > 0 ? Math.log((common < 0 ? seconds.low : seconds.high) / seconds.likely) : 0;
    const factor = Math.exp(Math.abs(common / ninetyFifth) * spread + trialSpread * chance.normal());
    const drawn = seconds.likely * factor;
    const checkpointSeconds = checkpointPart > 1 ? Number.POSITIVE_INFINITY : checkpointPart * drawn;
    return { seconds: drawn, checkpointSeconds, diverges: chance.happens(divergenceRate) };
  });
}
