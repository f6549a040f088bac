import type { Comparison } from "../../compare/comparison.ts";
import type { ConfusionTable } from "../../compare/confusion-of.ts";
import type { ResolvedTrial } from "../../plan/plan.ts";
import { grouped, percent } from "../number-formats.ts";

/** What a model's limits are read from. */
interface Evidence {
  readonly comparison: Comparison;
  readonly trial: ResolvedTrial;
  readonly confusion: ConfusionTable;
}

/** Below this share of its examples, a class is named as a weakness. */
const weakRecall = 0.9;
const maxNamed = 5;

/** What somebody should know before trusting the model, one sentence each: only what follows from the records. */
export function limitsOf({ comparison, trial, confusion }: Evidence): string[] {
  const { dataset, testCount } = trial.data;
  const [height, width, channels] = dataset.imageShape;
  const kind = channels === 1 ? "grey" : "colour";
  return [
    `It was tested on ${grouped(testCount)} examples of ${dataset.name} alone: nothing is known about images from elsewhere, or of other classes than its ${dataset.classCount}, of which it always names one.`,
    `It takes ${kind} images of ${height} × ${width} values, prepared as under “Data”.`,
    ...weakClasses(confusion),
    ...selection(comparison),
    ...comparison.notes
      .filter(({ code }) => code === "no-interval" || code === "too-few-seeds" || code === "different-examples")
      .map(({ message }) => message),
    ...calibration(comparison, trial),
  ];
}

function weakClasses({ classes }: ConfusionTable): string[] {
  const weak = classes.filter(({ recall, support }) => support > 0 && recall < weakRecall);
  if (weak.length === 0) return [];
  const named = [...weak]
    .sort((a, b) => a.recall - b.recall)
    .slice(0, maxNamed)
    .map(({ name, recall }) => `${name} (${percent(recall)})`);
  const rest = weak.length > named.length ? `, and ${weak.length - named.length} more` : "";
  return [`Of these classes it finds fewer than ${100 * weakRecall} %: ${named.join(", ")}${rest}.`];
}

function selection({ configurations, rankedBy }: Comparison): string[] {
  const count = configurations.length;
  if (count < 2 || rankedBy === undefined) return [];
  return rankedBy.metric === "testAccuracy"
    ? [
        `It is one of ${count} configurations that were compared on the test examples themselves: as the best of them, its test figures flatter.`,
      ]
    : [`It is one of ${count} configurations that were compared on validation examples; test examples had no say.`];
}

function calibration({ trials }: Comparison, { id }: ResolvedTrial): string[] {
  const error = trials.find(({ trialId }) => trialId === id)?.test?.expectedCalibrationError;
  if (error === undefined) return [];
  return [`Its probabilities are off by ${percent(error)} on average (expected calibration error, 15 bins).`];
}
