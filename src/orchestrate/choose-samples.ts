import { formatDatasetProblem } from "../dataset/dataset-problem.ts";
import type { DecodedImage } from "../dataset/decode-image.ts";
import { exampleImage } from "../dataset/example-image.ts";
import { loadDataset } from "../dataset/open-dataset.ts";
import type { PlannedData } from "../plan/plan.ts";
import { chooseShownExamples } from "../plan/show-examples.ts";
import type { LoadedPlan } from "./load-plan.ts";

/** An example of a data set with its label. */
export interface Sample {
  /** Index in the file that it comes from. */
  readonly index: number;
  readonly image: DecodedImage;
  readonly label: number;
  /** Of its class. */
  readonly name: string;
}

/** Which examples are wanted. */
export interface SampleChoice {
  readonly part: "train" | "validation" | "test";
  /** At most so many. */
  readonly count: number;
  /** What they are drawn from; absent = the first ones. */
  readonly seed?: number;
}

/**
 * Some examples of the data that an experiment uses; of the first data set, if it sweeps several.
 * @returns the examples, or why they can't be had
 */
export async function chooseSamples(
  { plan, dataRoot }: Pick<LoadedPlan, "plan" | "dataRoot">,
  choice: SampleChoice,
): Promise<{ readonly dataset: string; readonly samples: readonly Sample[] } | { readonly problem: string }> {
  const data = plan.data[0];
  if (data === undefined) throw new RangeError("the plan has no data");
  const loaded = await loadDataset(data.spec.dataset, dataRoot);
  if ("problems" in loaded) return { problem: loaded.problems.map(formatDatasetProblem).join("\n") };
  const { dataset } = loaded;
  const { start, total } = rangeOf(data, choice.part);
  if (total === 0) return { problem: "no examples are held out for validation: add `data.validation`" };
  const examples = choice.part === "test" ? dataset.test : dataset.train;
  const samples = choosePositions(total, choice).map((position): Sample => {
    const index = start + position;
    const label = examples.labels[index] ?? 0;
    const name = data.dataset.classNames[label] ?? String(label);
    return { index, image: exampleImage(dataset, examples, index), label, name };
  });
  return { dataset: data.dataset.name, samples };
}

function rangeOf({ trainCount, validationCount, testCount }: PlannedData, part: SampleChoice["part"]) {
  if (part === "test") return { start: 0, total: testCount };
  return part === "train" ? { start: 0, total: trainCount } : { start: trainCount, total: validationCount };
}

function choosePositions(total: number, { count, seed }: SampleChoice): readonly number[] {
  if (seed !== undefined) return chooseShownExamples(total, { count, seed });
  return [...Array(Math.min(count, total)).keys()];
}
