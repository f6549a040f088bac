import { formatDatasetProblem } from "../dataset/dataset-problem.ts";
import type { DecodedImage } from "../dataset/decode-image.ts";
import type { Dataset, Examples } from "../dataset/dataset.ts";
import { exampleImage } from "../dataset/example-image.ts";
import { shrinkImage } from "../dataset/fit-image.ts";
import { loadDataset } from "../dataset/open-dataset.ts";
import type { PlannedData } from "../plan/plan.ts";
import { selectExamples } from "../plan/select-examples.ts";
import { chooseShownExamples } from "../plan/show-examples.ts";
import type { LoadedPlan } from "./load-plan.ts";

/** Larger images are shown smaller: pictures of them all must not fill a disk. */
const longestSide = 224;

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
  const part = partOf(data, dataset, choice.part);
  if (part === undefined) return { problem: "no examples are held out for validation: add `data.validation`" };
  const { examples, chosen } = part;
  const samples: Sample[] = [];
  for (const position of choosePositions(chosen.length, choice)) {
    const index = chosen[position] ?? 0;
    const image = await exampleImage(dataset, examples, index);
    if ("problems" in image) return { problem: image.problems.map(formatDatasetProblem).join("\n") };
    const label = examples.labels[index] ?? 0;
    const name = data.dataset.classNames[label] ?? String(label);
    samples.push({ index, image: shrinkImage(image.value, longestSide), label, name });
  }
  return { dataset: data.dataset.name, samples };
}

/** The examples of a part, and which of them the experiment uses. */
function partOf(
  data: PlannedData,
  dataset: Dataset,
  part: SampleChoice["part"],
): { readonly examples: Examples; readonly chosen: Uint32Array } | undefined {
  const selection = selectExamples(data, { train: dataset.train.labels, test: dataset.test.labels });
  if (part !== "validation") return { examples: dataset[part], chosen: selection[part] };
  const { validation } = selection;
  const examples = validation && dataset[validation.file];
  return validation && examples && { examples, chosen: validation.examples };
}

function choosePositions(total: number, { count, seed }: SampleChoice): readonly number[] {
  if (seed !== undefined) return chooseShownExamples(total, { count, seed });
  return [...Array(Math.min(count, total)).keys()];
}
