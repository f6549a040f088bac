import type { ExperimentIssue } from "../spec/issue.ts";
import type { Evaluation } from "../spec/schema/evaluation.ts";
import type { PlannedData } from "./plan.ts";
import { formatCount } from "./shape.ts";

/** What is wrong with an evaluation of the examples it gets. */
export function checkEvaluation({ topK }: Evaluation, { dataset }: PlannedData): readonly ExperimentIssue[] {
  const { classCount, name } = dataset;
  if (topK === undefined || topK < classCount) return [];
  return [
    {
      code: "top-k-too-large",
      path: ["evaluation", "topK"],
      message: `got ${formatCount(topK)}, but the data set "${name}" has ${formatCount(classCount)} classes: the true one is always among ${formatCount(topK)}`,
      fix: classCount > 2 ? `use at most ${classCount - 1}, or remove \`topK\`` : "remove `topK`",
    },
  ];
}
