import type { ExperimentIssue } from "../spec/issue.ts";
import type { Data } from "../spec/schema/data.ts";
import type { Validation } from "../spec/schema/subset.ts";
import { countSubset } from "./count-subset.ts";
import { inferInputShape } from "./input-shape.ts";
import type { PlannedData, PlannedDataset } from "./plan.ts";
import { formatCount, type ImageShape } from "./shape.ts";

/**
 * How many examples are learned from, held out and tested on, and what the network sees of each.
 * @returns the split, made possible where the section asks for too much; the shape of one prepared image; and what is
 *   wrong with the section
 */
export function splitExamples(
  spec: Data,
  dataset: PlannedDataset,
): { readonly data: PlannedData; readonly inputShape: ImageShape; readonly issues: readonly ExperimentIssue[] } {
  const train = countSubset(spec, dataset, "train");
  const test = countSubset(spec, dataset, "test");
  const validation = countValidation(spec.validation, dataset, train.count);
  const trainCount = Math.max(train.count - validation.takenFromTraining, 1);
  const data = { spec, dataset, trainCount, validationCount: validation.count, testCount: test.count };
  const input = inferInputShape(spec, dataset);
  const issues = [...train.issues, ...test.issues, ...validation.issues, ...checkOrder(spec), ...input.issues];
  return { data, inputShape: input.shape, issues };
}

interface CountedValidation {
  readonly count: number;
  readonly takenFromTraining: number;
  readonly issues: readonly ExperimentIssue[];
}

function countValidation(
  validation: Validation | undefined,
  dataset: PlannedDataset,
  available: number,
): CountedValidation {
  if (validation === undefined) return { count: 0, takenFromTraining: 0, issues: [] };
  if ("split" in validation) {
    const count = dataset.validationExamples ?? 0;
    return { count, takenFromTraining: 0, issues: count === 0 ? [noValidationPart(dataset)] : [] };
  }
  const { fraction, from } = validation;
  const count = countHeldOut(available, fraction);
  if (count === 0 || count === available)
    return { count, takenFromTraining: count, issues: [emptyPart(available, fraction, count)] };
  const issues = from === "stratified" && count < dataset.classCount ? [tooFewToStratify(count, dataset)] : [];
  return { count, takenFromTraining: count, issues };
}

/**
 * Share of `count`, rounded up as Keras does by rounding the rest down. The tolerance keeps 0.07 × 100 =
 * 7.000000000000001 from becoming 8.
 */
function countHeldOut(count: number, fraction: number): number {
  return Math.max(Math.ceil(count * fraction - 1e-6), 0);
}

/** Image folders are read class by class: their first and last examples are of a few classes only. */
function checkOrder({ dataset, subset, validation }: Data): readonly ExperimentIssue[] {
  if (typeof dataset === "string" || dataset.format !== "images") return [];
  const why = "the images of a folder are in the order of their classes";
  const issues = (["train", "test"] as const).flatMap((part): readonly ExperimentIssue[] => {
    const choice = subset[part];
    if (choice === undefined || !("first" in choice)) return [];
    const path = ["data", "subset", part, "first"];
    const fix = `write \`random: ${choice.first}\`, or \`perClass\``;
    return [{ code: "sorted-by-class", path, message: `${why}: the first ${choice.first} miss most classes`, fix }];
  });
  if (!validation || "split" in validation || (validation.from !== "end" && validation.from !== "start")) return issues;
  const side = validation.from === "end" ? "last" : "first";
  return [
    ...issues,
    {
      code: "sorted-by-class",
      path: ["data", "validation"],
      message: `${why}: \`from: ${validation.from}\` would hold out the ${side} classes and learn only the others`,
      fix: "write `from: stratified`, or `split: validation` if the folder has a validation part",
    },
  ];
}

function noValidationPart({ name }: PlannedDataset): ExperimentIssue {
  return {
    code: "no-validation-part",
    path: ["data", "validation", "split"],
    message: `the data set "${name}" has no validation part of its own`,
    fix: "write `fraction: 0.1`; or, for an image folder, put a folder `validation` beside `train` and `test`",
  };
}

function tooFewToStratify(count: number, { classCount }: PlannedDataset): ExperimentIssue {
  return {
    code: "too-few-to-stratify",
    path: ["data", "validation", "fraction"],
    message: `${formatCount(count)} examples are held out, fewer than the ${formatCount(classCount)} classes: not one of each`,
    fix: "use a larger fraction or more examples, or `from: random`",
  };
}

function emptyPart(count: number, fraction: number, validationCount: number): ExperimentIssue {
  const examples = `${formatCount(count)} training example${count === 1 ? "" : "s"}`;
  return {
    code: "empty-split",
    path: ["data", "validation", "fraction"],
    message:
      validationCount === 0
        ? `${fraction} of ${examples} is not even one for validation`
        : `${fraction} of ${examples} leaves none to learn from`,
    fix: validationCount === 0 ? "use a larger fraction or more examples" : "use a smaller fraction or more examples",
  };
}
