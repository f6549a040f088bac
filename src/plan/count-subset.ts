import type { ExperimentIssue } from "../spec/issue.ts";
import type { Data } from "../spec/schema/data.ts";
import type { PlannedDataset } from "./plan.ts";
import { formatCount } from "./shape.ts";

/** How many examples of a file are used, and what is wrong with asking for so many. */
export interface CountedSubset {
  /** At most what there is. */
  readonly count: number;
  readonly issues: readonly ExperimentIssue[];
}

/** Counts the examples of a file that a `data:` section uses. */
export function countSubset({ subset }: Data, dataset: PlannedDataset, part: "train" | "test"): CountedSubset {
  const available = part === "train" ? dataset.trainExamples : dataset.testExamples;
  const choice = subset[part];
  if (choice === undefined) return { count: available, issues: [] };
  if ("perClass" in choice) return countPerClass(choice.perClass, dataset, part);
  const [key, wanted] = "first" in choice ? (["first", choice.first] as const) : (["random", choice.random] as const);
  if (wanted <= available) return { count: wanted, issues: [] };
  const kind = part === "train" ? "training" : "test";
  const issue: ExperimentIssue = {
    code: "subset-too-large",
    path: ["data", "subset", part, key],
    message: `got ${formatCount(wanted)}, but the data set "${dataset.name}" has ${formatCount(available)} ${kind} examples`,
    fix: `use at most ${available}, or leave \`${key}\` out to take all`,
  };
  return { count: available, issues: [issue] };
}

function countPerClass(wanted: number, dataset: PlannedDataset, part: "train" | "test"): CountedSubset {
  const { classCounts, classCount, classNames, name } = dataset;
  const counts = classCounts?.[part];
  if (counts === undefined) throw new RangeError(`the examples of each class of "${name}" have not been counted`);
  const fewest = Math.min(...counts);
  if (wanted <= fewest) return { count: wanted * classCount, issues: [] };
  const label = counts.indexOf(fewest);
  const short = counts.filter((count) => count < wanted).length;
  const others = short > 1 ? `, and ${short - 1} other class${short === 2 ? " has" : "es have"} too few` : "";
  const issue: ExperimentIssue = {
    code: "subset-too-large",
    path: ["data", "subset", part, "perClass"],
    message: `got ${formatCount(wanted)}, but the class "${classNames[label] ?? label}" of "${name}" has only ${formatCount(fewest)} ${part === "train" ? "training" : "test"} examples${others}`,
    fix: fewest > 0 ? `use at most ${fewest}` : "use `random`, which needs no example of each class",
  };
  return { count: Math.max(fewest * classCount, 1), issues: [issue] };
}
