import { nearestName } from "../spec/nearest-name.ts";
import type { ExperimentIssue } from "../spec/issue.ts";
import type { ClassWeights } from "../spec/schema/loss.ts";
import type { PlannedDataset } from "./plan.ts";

type Classes = Pick<PlannedDataset, "name" | "classNames" | "classCount">;

/** What is wrong with the weights given to the classes of a data set. */
export function checkClassWeights(weights: ClassWeights | undefined, dataset: Classes): readonly ExperimentIssue[] {
  if (weights === undefined || weights === "balanced") return [];
  const keys = Object.keys(weights);
  const issues = keys.flatMap((key) => checkKey(key, keys, dataset));
  const given = new Set(keys.map((key) => classIndexOf(key, dataset)));
  const isNothing = given.size === dataset.classCount && Object.values(weights).every((weight) => weight === 0);
  return isNothing && issues.length === 0 ? [nothingToLearn()] : issues;
}

function checkKey(key: string, keys: readonly string[], dataset: Classes): readonly ExperimentIssue[] {
  const index = classIndexOf(key, dataset);
  const path = ["training", "classWeights", key];
  if (index === undefined) {
    const nearest = /^\d+$/.test(key) ? undefined : nearestName(key, dataset.classNames);
    return [
      {
        code: "unknown-class",
        path,
        message: `got a weight for "${key}", but the data set "${dataset.name}" has no such class`,
        fix:
          nearest === undefined
            ? `use an index from 0 to ${dataset.classCount - 1}, or a name: ${listSome(dataset.classNames)}`
            : `did you mean \`${nearest}\`?`,
      },
    ];
  }
  const earlier = keys.slice(0, keys.indexOf(key)).find((other) => classIndexOf(other, dataset) === index);
  if (earlier === undefined) return [];
  return [
    {
      code: "conflicting-fields",
      path,
      message: `got a second weight for class ${index}, "${dataset.classNames[index]}", which "${earlier}" is as well`,
      fix: "give every class one weight, by its name or by its index",
    },
  ];
}

function nothingToLearn(): ExperimentIssue {
  return {
    code: "out-of-range",
    path: ["training", "classWeights"],
    message: "got the weight 0 for every class: there would be nothing to learn",
    fix: "give at least one class a weight above 0",
  };
}

/** The class that a key of `classWeights` means: by its name, else by its index; undefined if there is none. */
function classIndexOf(key: string, { classNames, classCount }: Classes): number | undefined {
  const byName = classNames.indexOf(key);
  if (byName >= 0) return byName;
  return /^\d+$/.test(key) && Number(key) < classCount ? Number(key) : undefined;
}

/**
 * The weight of each class in the training loss.
 * @param countOf how often a class is among the examples to learn from; asked for `balanced` only
 * @returns shape [classes]; given ones, 1 for others. `balanced`: examples / (classes · examples of the class), as in
 *   scikit-learn, where only classes that have examples are counted
 */
export function resolveClassWeights(
  weights: ClassWeights,
  dataset: Classes,
  countOf: (classIndex: number) => number,
): Float64Array {
  const resolved = new Float64Array(dataset.classCount).fill(1);
  if (weights !== "balanced") {
    for (const [key, weight] of Object.entries(weights)) {
      const index = classIndexOf(key, dataset);
      if (index === undefined) throw new RangeError(`the data set ${dataset.name} has no class ${key}`);
      resolved[index] = weight;
    }
    return resolved;
  }
  const counts = Array.from(resolved, (_, index) => countOf(index));
  const present = counts.filter((count) => count > 0);
  const total = present.reduce((sum, count) => sum + count, 0);
  return resolved.map((_, index) => {
    const count = counts[index] ?? 0;
    return count > 0 ? total / (present.length * count) : 1;
  });
}

function listSome(names: readonly string[]): string {
  return names.length <= 10 ? names.join(", ") : `${names.slice(0, 10).join(", ")}, …`;
}
