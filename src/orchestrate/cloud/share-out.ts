import { batchLimits } from "../../contract/batch-limits.ts";
import type { JobSize } from "../../contract/deployment.ts";
import { estimateGpuMemory } from "../../plan/outlook/estimate-gpu-memory.ts";
import { secondsByConfiguration, sectionsOf } from "../../plan/outlook/outlook.ts";
import type { Range } from "../../plan/outlook/range.ts";
import type { Speed } from "../../plan/outlook/speed-file.ts";
import type { Plan } from "../../plan/plan.ts";
import { durationSeconds } from "../../spec/schema/duration.ts";
import type { CompiledChunk } from "./compiled-experiment.ts";

/** What the job definitions of a deployment give, by name, from small to large. */
export type OfferedSizes = Readonly<Record<string, Omit<JobSize, "arn">>>;

/** Starting a container takes a minute or so: below this, most of what is paid for would be starts. */
const shortestJobSeconds = 300;
/** More jobs in one step of the state machine would not fit what it may carry. */
const maxChunks = 20;

/**
 * The slowest GPU that jobs may run on, a T4: that of the speed file that comes with nightsweep. Trials that are shorter
 * than that make jobs that are shorter than wanted, nothing else depends on it.
 */
export const assumedSpeed: Speed = {
  engine: "tensorflow",
  device: "nvidia-t4",
  isMeasured: false,
  dated: "2026-11-22",
  source: "measured-speeds.json",
  secondsPerStart: 8,
  secondsPerStep: 0.002,
  secondsPerGigaMultiplyAdds: 0.00074,
  secondsPerMillionOutputs: 0.00013,
  secondsPerMillionWeights: 0.000025,
  range: [0.5, 3],
};

/**
 * Shares trials out among jobs: arrays that are as even as can be, and a single job instead of an array of one. A job
 * takes as many trials as `resources.trialsPerJob` says, or as many as keep it busy for five minutes.
 * @param trialIndexes indexes into `plan.trials`, in the order in which they are to be run
 * @returns chunks whose `trialOffset` counts within `trialIndexes`; each takes the trials up to the next one's
 */
export function shareOut(plan: Plan, trialIndexes: readonly number[], sizes: OfferedSizes): CompiledChunk[] {
  if (trialIndexes.length === 0) return [];
  const size = chooseSize(plan, trialIndexes, sizes);
  const trialsPerJob = chooseTrialsPerJob(plan, trialIndexes);
  const jobs = Math.ceil(trialIndexes.length / trialsPerJob);
  const arrays = Math.ceil(jobs / batchLimits.maxArraySize);
  const chunks: CompiledChunk[] = [];
  let firstJob = 0;
  for (let array = 0; array < arrays; array++) {
    const arraySize = Math.floor(jobs / arrays) + (array < jobs % arrays ? 1 : 0);
    chunks.push({ size, arraySize, trialsPerJob, trialOffset: firstJob * trialsPerJob });
    firstJob += arraySize;
  }
  return chunks;
}

/** Longest time of one attempt at a job: what an experiment allows, or ten times what is expected at worst. */
export function timeoutSecondsOf(plan: Plan, trialIndexes: readonly number[], trialsPerJob: number): number {
  const limit = plan.run?.trialTimeLimit;
  if (limit !== undefined)
    return Math.max(batchLimits.minTimeoutSeconds, Math.ceil(durationSeconds(limit) * trialsPerJob));
  const longest = expectedSeconds(plan, trialIndexes).reduce((most, { high }) => Math.max(most, high), 0);
  const [hour, week] = [3600, 7 * 24 * 3600];
  return Math.ceil(Math.min(week, Math.max(hour, 10 * longest * trialsPerJob)));
}

/** The smallest job whose machine holds the trial that needs most; the largest if none does. */
function chooseSize(plan: Plan, trialIndexes: readonly number[], sizes: OfferedSizes): string {
  const hostBytes = configurationsOf(plan, trialIndexes)
    .map((index) => plan.configurations[index])
    .flatMap((configuration) => (configuration ? [sectionsOf(plan, configuration)] : []))
    .reduce((most, sections) => Math.max(most, estimateGpuMemory(sections).host), 0);
  const names = Object.keys(sizes);
  const fitting = names.find((name) => (sizes[name]?.memoryMebibytes ?? 0) * 2 ** 20 >= hostBytes);
  const chosen = fitting ?? names.at(-1);
  if (chosen === undefined) throw new RangeError("the deployment has no job definition");
  return chosen;
}

function chooseTrialsPerJob(plan: Plan, trialIndexes: readonly number[]): number {
  const least = Math.ceil(trialIndexes.length / (maxChunks * batchLimits.maxArraySize));
  const asked = plan.resources.trialsPerJob;
  if (asked !== undefined) return Math.max(least, asked);
  const seconds = expectedSeconds(plan, trialIndexes).map(({ likely }) => likely);
  const mean = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
  return Math.max(least, Math.min(trialIndexes.length, Math.ceil(shortestJobSeconds / mean)));
}

function expectedSeconds(plan: Plan, trialIndexes: readonly number[]): Range[] {
  const all = secondsByConfiguration(plan, assumedSpeed);
  return trialIndexes.flatMap((index) => all[plan.trials[index]?.configuration ?? -1] ?? []);
}

function configurationsOf(plan: Plan, trialIndexes: readonly number[]): number[] {
  return [...new Set(trialIndexes.flatMap((index) => plan.trials[index]?.configuration ?? []))];
}
