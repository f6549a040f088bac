import { mean } from "../../metrics/sample-statistics.ts";
import { studentQuantile } from "../../metrics/student-interval.ts";
import type { Baseline, NightFigures, NightPoint, NightRules } from "./nightly-types.ts";

/** How far the seeds of a night lie apart. */
export interface SeedSpread {
  readonly sd: number;
  readonly degreesOfFreedom: number;
}

/** What a confirming run came to. */
export interface ConfirmationVerdict {
  readonly isConfirmed: boolean;
  readonly why: string;
  /** Mean over its seeds. */
  readonly mean: number;
}

/**
 * Whether a second run is as bad as the suspect night. The same seeds are held against the same limit. New seeds have
 * a level of their own: they are held against the spread between seeds.
 * @param night the suspect one
 * @param again the confirming run
 */
export function judgeConfirmation(
  night: NightPoint,
  again: NightFigures,
  {
    baseline,
    margin,
    spread,
    minimumEffect,
    level,
    better,
  }: NightRules & { baseline: Baseline; margin: number; spread: SeedSpread | undefined },
): ConfirmationVerdict {
  const figure = mean(again.seeds.map(({ value }) => value));
  const sign = better === "higher" ? 1 : -1;
  const isSameSeeds = again.seeds.every(({ seed }) => night.seeds.some((own) => own.seed === seed));
  const allowed = isSameSeeds ? margin : Math.max(minimumEffect, marginOfNewSeeds(night, again, { level, spread }));
  const isConfirmed = sign * figure < sign * baseline.mean - allowed;
  const which = isSameSeeds ? "the same seeds" : "new seeds";
  const why = isConfirmed
    ? `worse than the nights before it allow, and confirmed by a second run (${again.runId}) of ${which}`
    : `a second run (${again.runId}) of ${which} did not confirm it`;
  return { isConfirmed, why, mean: figure };
}

/** Twice the level: that this night is suspect at all was improbable already, and few seeds are a weak test. */
function marginOfNewSeeds(
  night: NightPoint,
  again: NightFigures,
  { level, spread }: { readonly level: number; readonly spread: SeedSpread | undefined },
): number {
  if (spread === undefined) return 0;
  const quantile = studentQuantile(1 - Math.min(2 * level, 0.25), spread.degreesOfFreedom);
  return quantile * spread.sd * Math.sqrt(1 / night.seeds.length + 1 / again.seeds.length);
}
