import type { DatasetProblem } from "./dataset-problem.ts";

/**
 * Finds labels that no class has.
 * @param options `path`: the file they come from; `labels`: class indices; `kind`: what the labels are called;
 *   `classCount`: labels must be below it; `fix`: what to do about wrong ones
 * @returns one problem that counts them and shows the first, or none
 */
export function checkLabelRange(options: {
  readonly path: string;
  readonly labels: Uint8Array;
  readonly kind: string;
  readonly classCount: number;
  readonly fix: string;
}): readonly DatasetProblem[] {
  const { path, labels, kind, classCount, fix } = options;
  const first = labels.findIndex((label) => label >= classCount);
  if (first === -1) return [];

  const count = labels.reduce((sum, label) => sum + (label >= classCount ? 1 : 0), 0);
  const message =
    `${count} of ${labels.length} ${kind}s are outside 0…${classCount - 1}, ` +
    `the first is ${labels[first]} at example ${first}`;
  return [{ code: "label-out-of-range", file: path, message, fix }];
}
