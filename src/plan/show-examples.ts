import { permutation, randomPurposes, randomStream } from "./random.ts";

/**
 * Some examples to be shown, without replacement.
 * @param total how many there are
 * @param options `count`: how many are wanted, more than there are = all; `seed`: what the choice is drawn from
 * @returns indexes 0…total-1, each once
 */
export function chooseShownExamples(
  total: number,
  { count, seed }: { readonly count: number; readonly seed: number },
): number[] {
  const order = permutation(total, randomStream(seed, randomPurposes.shownExamples));
  return [...order.subarray(0, Math.min(count, total))];
}
