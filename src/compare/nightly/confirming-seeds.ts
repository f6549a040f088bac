import type { JudgedNight, NightFigures } from "./nightly-types.ts";

/** How a suspect night is to be run again. */
export interface ConfirmingSeeds {
  readonly seeds: readonly number[];
  /** Why these, one sentence. */
  readonly why: string;
}

/** Whether a night has exactly the numbers of another: what computes them is deterministic. */
export function isRepetition(a: NightFigures, b: NightFigures): boolean {
  return (
    a.seeds.length === b.seeds.length &&
    a.seeds.every(({ seed, value }, index) => b.seeds[index]?.seed === seed && b.seeds[index]?.value === value)
  );
}

/**
 * The seeds that a suspect night is run again with: the same, which its limit is about; or as many new ones where
 * earlier nights show that the same seeds would only give the same numbers again.
 * @param nights those of the series up to the suspect one, in order of time
 */
export function confirmingSeeds(nights: readonly JudgedNight[]): ConfirmingSeeds {
  const own = nights.at(-1)?.seeds.map(({ seed }) => seed) ?? [];
  const isDeterministic = nights.some((night, index) => {
    const before = nights[index - 1];
    return before !== undefined && isRepetition(night, before);
  });
  if (!isDeterministic) return { seeds: own, why: "the same seeds again: nights differ though nothing has changed" };
  const next = Math.max(...own) + 1;
  return {
    seeds: own.map((_, index) => next + index),
    why: "new seeds: earlier nights had the same numbers to the last digit, so the same seeds would only repeat them",
  };
}
