import { changePoints, noiseOfSteps } from "../../metrics/change-points.ts";
import { mean } from "../../metrics/sample-statistics.ts";
import { pooledVariance } from "../../metrics/student-test.ts";

/** A night that the level is made of. */
export interface LevelNight {
  readonly date: string;
  /** The higher the better. */
  readonly value: number;
}

/** The stretches of nights with one level, and how far nights lie apart within them. */
export interface NightLevels {
  /** In order of time; the last one is the current level. */
  readonly segments: readonly (readonly LevelNight[])[];
  /** Of a night within its segment. */
  readonly sd: number;
  readonly degreesOfFreedom: number;
}

/** More nights than this say nothing about tonight. */
const window = 90;
/** Shorter stretches would follow a few lucky nights. */
const smallestSegment = 5;
/** Price of a change of level in noise variances, times ln n: twice that of the Bayesian information criterion. */
const penaltyFactor = 4;

/**
 * Cuts nights into stretches of one level. The spread is that within all stretches: what has changed the level does
 * not make nights look further apart.
 * @param nights at least two, in order of time
 * @param smallestSd spread that changes are held against if nights are all alike, > 0
 */
export function findLevels(nights: readonly LevelNight[], smallestSd: number): NightLevels {
  const recent = nights.slice(-window);
  const values = recent.map(({ value }) => value);
  const noise = Math.max(noiseOfSteps(values), smallestSd);
  const penalty = penaltyFactor * Math.log(values.length) * noise ** 2;
  const starts = changePoints(values, { penalty, smallestSegment });
  const segments = starts.map((start, index) => recent.slice(start, starts[index + 1]));
  const groups = segments.map((segment) => segment.map(({ value }) => value));
  const degreesOfFreedom = values.length - segments.length;
  return { segments, sd: degreesOfFreedom === 0 ? 0 : spreadWithin(groups), degreesOfFreedom };
}

/** Mean of a segment. */
export function levelOf(segment: readonly LevelNight[]): number {
  return mean(segment.map(({ value }) => value));
}

function spreadWithin(groups: readonly (readonly number[])[]): number {
  const sd = Math.sqrt(pooledVariance(groups));
  // Equal figures leave a spread of rounding errors.
  return sd <= 1e-12 * Math.abs(groups[0]?.[0] ?? 0) ? 0 : sd;
}
