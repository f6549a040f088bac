import type { ExperimentIssue } from "../spec/issue.ts";
import type { Data } from "../spec/schema/data.ts";
import type { PlannedData, PlannedDataset } from "./plan.ts";
import { formatCount } from "./shape.ts";

/**
 * Which examples are learned from, held out and tested on.
 * @returns the split, made possible where the section asks for too much, and what is wrong with the section
 */
export function splitExamples(
  spec: Data,
  dataset: PlannedDataset,
): { readonly data: PlannedData; readonly issues: readonly ExperimentIssue[] } {
  const train = takeFirst(spec, dataset, "train");
  const test = takeFirst(spec, dataset, "test");
  const fraction = spec.validation?.fraction ?? 0;
  const validationCount = countHeldOut(train.count, fraction);
  const trainCount = Math.max(train.count - validationCount, 1);
  const issues = [...train.issues, ...test.issues];
  if (spec.validation && (validationCount === 0 || validationCount === train.count))
    issues.push(emptyPart(train.count, fraction, validationCount));
  return { data: { spec, dataset, trainCount, validationCount, testCount: test.count }, issues };
}

/**
 * Share of `count`, rounded up as Keras does by rounding the rest down. The tolerance keeps 0.07 × 100 =
 * 7.000000000000001 from becoming 8.
 */
function countHeldOut(count: number, fraction: number): number {
  return Math.max(Math.ceil(count * fraction - 1e-6), 0);
}

function takeFirst(
  { subset }: Data,
  dataset: PlannedDataset,
  part: "train" | "test",
): { readonly count: number; readonly issues: ExperimentIssue[] } {
  const available = part === "train" ? dataset.trainExamples : dataset.testExamples;
  const wanted = subset[part]?.first ?? available;
  if (wanted <= available) return { count: wanted, issues: [] };
  const kind = part === "train" ? "training" : "test";
  const issue: ExperimentIssue = {
    code: "subset-too-large",
    path: ["data", "subset", part, "first"],
    message: `got ${formatCount(wanted)}, but the data set "${dataset.name}" has ${formatCount(available)} ${kind} examples`,
    fix: `use at most ${available}, or leave \`first\` out to take all`,
  };
  return { count: available, issues: [issue] };
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
