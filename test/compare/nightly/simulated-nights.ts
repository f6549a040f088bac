import { judgeNights } from "../../../src/compare/nightly/judge-nights.ts";
import type { JudgedNight, NightPoint, NightRules } from "../../../src/compare/nightly/nightly-types.ts";
import { normalQuantile } from "../../../src/metrics/normal-distribution.ts";
import { seededRandom, type Random } from "../../../src/metrics/seeded-random.ts";

/** Where the figures of simulated nights come from; sizes in points of accuracy. */
export interface NightModel {
  readonly name: string;
  /** Noise of one seed of one night. */
  readonly seedSd: number;
  /** Noise that all seeds of a night share: another machine, another driver. */
  readonly nightSd?: number;
  /** Noise with heavy tails instead of normal noise: Student's t with three degrees of freedom, of the same spread. */
  readonly isHeavyTailed?: boolean;
  /** The same numbers every night, to the bit, until the code changes: with this probability a night. */
  readonly changeProbability?: number;
}

/** What is done to the nights. */
export interface SimulatedChange {
  /** Points from this night on (from 0). */
  readonly drop?: { readonly atNight: number; readonly points: number };
}

export const defaultRules: NightRules = { minimumEffect: 0.005, level: 0.05, minimumNights: 5, better: "higher" };

const level = 0.95;

/** Judged nights of one series; a suspect night gets its confirming run, as `nightsweep check` would do. */
export function simulateSeries(
  model: NightModel,
  { nights, seedCount, seed, drop }: SimulatedChange & { nights: number; seedCount: number; seed: number },
): JudgedNight[] {
  const random = seededRandom(seed);
  // The first half are the fixed seeds, the others those of a second run where the first would only repeat itself.
  const offsets = Array.from({ length: 2 * seedCount }, () => (model.seedSd / 100) * normal(random));
  const isDeterministic = model.changeProbability !== undefined;
  const figures = (night: number, fixed: readonly number[], from: number): NightPoint["seeds"] => {
    const change = drop !== undefined && night >= drop.atNight ? drop.points / 100 : 0;
    const shared = ((model.nightSd ?? 0) / 100) * normal(random);
    const noise = model.isHeavyTailed === true ? heavyTailed : normal;
    return Array.from({ length: seedCount }, (_, index) => ({
      seed: from + index + 1,
      value:
        level +
        (fixed[from + index] ?? 0) +
        change +
        (isDeterministic ? 0 : shared + (model.seedSd / 100) * noise(random)),
    }));
  };
  let fixed = offsets;
  const fixedOfNights = Array.from({ length: nights }, (_, night) => {
    const isChanged = isDeterministic && (random() < (model.changeProbability ?? 0) || night === drop?.atNight);
    if (isChanged) fixed = offsets.map(() => (model.seedSd / 100) * normal(random));
    return fixed;
  });
  const points = fixedOfNights.map((own, night) => pointOf(night, figures(night, own, 0)));
  for (;;) {
    const judged = judgeNights(points, defaultRules).nights;
    const suspect = judged.findIndex(
      ({ verdict, confirmation }) => verdict === "suspect" && confirmation === undefined,
    );
    const point = points[suspect];
    if (point === undefined) return judged;
    const again = figures(suspect, fixedOfNights[suspect] ?? [], isDeterministic ? seedCount : 0);
    points[suspect] = { ...point, confirmation: { runId: "again", seeds: again } };
  }
}

function pointOf(night: number, seeds: NightPoint["seeds"]): NightPoint {
  const date = new Date(Date.UTC(2026, 0, 1 + night)).toISOString().slice(0, 10);
  const circumstances = { nightsweep: "0.1.0", resultsVersion: 1 };
  return { runId: `run-${night}`, date, configurationId: "c", circumstances, seeds, missing: [] };
}

function normal(random: Random): number {
  return normalQuantile(Math.max(random(), 1e-12));
}

/** Student's t with 3 degrees of freedom, scaled to a standard deviation of 1. */
function heavyTailed(random: Random): number {
  const squares = normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2;
  return normal(random) / Math.sqrt(squares / 3) / Math.sqrt(3);
}
