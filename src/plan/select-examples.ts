import type { ExampleChoice, Validation } from "../spec/schema/subset.ts";
import { shareOut } from "./share-out.ts";
import type { PlannedData } from "./plan.ts";
import { permutation, randomPurposes, randomStream } from "./random.ts";

/** Which examples of a data set's parts a trial uses. Indexes are those of the file order, ascending. */
export interface ExampleSelection {
  /** Examples of the training file that are learned from. */
  readonly train: Uint32Array;
  /** Examples that are held out, and the file that they are in; absent if there are none. */
  readonly validation?: { readonly file: "train" | "validation"; readonly examples: Uint32Array };
  /** Examples of the test file that are tested on. */
  readonly test: Uint32Array;
}

/** True class indices of all examples of a file, in file order. */
export type FileLabels = ArrayLike<number>;

const fileNumbers = { train: 0, test: 1 } as const;

/**
 * Works out which examples are learned from, held out and tested on: a function of its arguments alone.
 * @param data as planned: the section, and how many examples of each part there are
 * @param labels of the files; only looked at where a choice depends on classes
 */
export function selectExamples(
  data: PlannedData,
  labels: { readonly train: FileLabels; readonly test: FileLabels },
): ExampleSelection {
  const { spec, dataset, trainCount, validationCount, testCount } = data;
  const { validation } = spec;
  const isGiven = validation !== undefined && "split" in validation;
  const chosenCount = isGiven ? trainCount : trainCount + validationCount;
  const chosen = chooseExamples(spec.subset.train, labels.train, "train", [chosenCount, dataset.trainExamples]);
  const test = chooseExamples(spec.subset.test, labels.test, "test", [testCount, dataset.testExamples]);
  if (validation === undefined || validationCount === 0) return { train: chosen, test };
  if (isGiven) return { train: chosen, test, validation: { file: "validation", examples: range(0, validationCount) } };
  const heldOut = holdOut(validation, validationCount, chosen, labels.train);
  return {
    train: chosen.filter((_, position) => heldOut[position] === 0),
    test,
    validation: { file: "train", examples: chosen.filter((_, position) => heldOut[position] === 1) },
  };
}

function chooseExamples(
  choice: ExampleChoice | undefined,
  labels: FileLabels,
  file: keyof typeof fileNumbers,
  [count, available]: readonly [count: number, available: number],
): Uint32Array {
  if (choice === undefined || "first" in choice) return range(0, count);
  const key = [choice.seed, randomPurposes.subset, fileNumbers[file]] as const;
  if ("random" in choice)
    return permutation(available, randomStream(...key))
      .slice(0, count)
      .sort();
  const drawn = groupByClass(range(0, available), labels).flatMap((members, label) => [
    ...draw(members, choice.perClass, [...key, label + 1]),
  ]);
  return Uint32Array.from(drawn).sort();
}

/** @returns 1 for every position of `chosen` that is held out, shape [chosen] */
function holdOut(
  { from, seed = 0 }: Exclude<Validation, { split: unknown }>,
  count: number,
  chosen: Uint32Array,
  labels: FileLabels,
): Uint8Array {
  const isHeldOut = new Uint8Array(chosen.length);
  const mark = (positions: Uint32Array): void => positions.forEach((position) => (isHeldOut[position] = 1));
  const key = [seed, randomPurposes.validation] as const;
  switch (from) {
    case "end":
      mark(range(chosen.length - count, chosen.length));
      break;
    case "start":
      mark(range(0, count));
      break;
    case "random":
      mark(draw(range(0, chosen.length), count, key));
      break;
    case "stratified": {
      const chosenLabels = Array.from(chosen, (example) => labels[example] ?? 0);
      const classes = groupByClass(range(0, chosen.length), chosenLabels);
      const counts = shareOut(
        count,
        classes.map((members) => members.length),
      );
      classes.forEach((members, label) => mark(draw(members, counts[label] ?? 0, [...key, label + 1])));
      break;
    }
    default:
      return from satisfies never;
  }
  return isHeldOut;
}

/** Members by class, in their order. @param labels of each member, by its own number */
function groupByClass(members: Uint32Array, labels: FileLabels): readonly Uint32Array[] {
  const groups: number[][] = [];
  for (const member of members) (groups[labels[member] ?? 0] ??= []).push(member);
  return Array.from(groups, (group) => Uint32Array.from(group ?? []));
}

/** Draws some members without replacement; with a larger count, the same ones and more. */
function draw(members: Uint32Array, count: number, key: readonly number[]): Uint32Array {
  const order = permutation(members.length, randomStream(...key));
  return order.slice(0, count).map((position) => members[position] ?? 0);
}

function range(start: number, end: number): Uint32Array {
  return Uint32Array.from({ length: end - start }, (_, index) => start + index);
}
