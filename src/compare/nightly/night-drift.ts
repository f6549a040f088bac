import { studentTwoSided } from "../../metrics/student-test.ts";
import { levelOf, type LevelNight, type NightLevels } from "./night-levels.ts";

/** A level that came down little by little. */
export interface NightDrift {
  readonly from: readonly LevelNight[];
  readonly to: readonly LevelNight[];
}

/** Stretches were looked for where they fit best: what they differ by must be far beyond chance. */
const driftP = 0.001;

/**
 * Whether the current level is lower than an earlier one since the last acknowledgement, by the smallest effect or
 * more: then no single night need have been suspect. The highest earlier level counts, so that a level can't be lost
 * step by step.
 * @param options.luck variance of a level that comes of its seeds' luck alone: where the same code gives the same
 *   numbers, nights of one code don't say how another code's numbers may fall
 */
export function findDrift(
  { segments, sd, degreesOfFreedom }: NightLevels,
  { minimumEffect, luck }: { readonly minimumEffect: number; readonly luck: number },
): NightDrift | undefined {
  const to = segments.at(-1);
  if (to === undefined || segments.length < 2) return undefined;
  const earlier = segments.slice(0, -1).filter(({ length }) => length > 1);
  const from = earlier.reduce<readonly LevelNight[] | undefined>(
    (best, segment) => (best === undefined || levelOf(segment) > levelOf(best) ? segment : best),
    undefined,
  );
  if (from === undefined) return undefined;
  const drop = levelOf(from) - levelOf(to);
  if (drop < minimumEffect || to.length < 2) return undefined;
  const standardError = Math.sqrt(sd ** 2 * (1 / from.length + 1 / to.length) + 2 * luck);
  const isReal = standardError === 0 || studentTwoSided(drop / standardError, degreesOfFreedom) < 2 * driftP;
  return isReal ? { from, to } : undefined;
}

/** The drift in words. @param sign −1 if lower figures are better */
export function describeDrift({ from, to }: NightDrift, sign: 1 | -1): string {
  const shown = (segment: readonly LevelNight[]): string => (sign * levelOf(segment)).toPrecision(4);
  return `a slow drift: ${shown(to)} since ${to[0]?.date ?? ""}, and ${shown(from)} in the nights from ${from[0]?.date ?? ""} to ${from.at(-1)?.date ?? ""}`;
}
