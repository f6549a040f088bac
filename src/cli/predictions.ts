import path from "node:path";
import type { ImagePrediction, Prediction } from "../contract/worker-messages.ts";
import { fixedDecimals } from "../report/number-formats.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { Table, TableColumn } from "../report/table.ts";
import { askAboutTrial, type FoundTrial, type TrialReference } from "./ask-trainer.ts";
import { printResult, type OutputFormat } from "./output.ts";

/** Whose predictions are wanted, and how they are printed. */
export interface PredictionRequest {
  readonly reference: TrialReference;
  /** Epoch of the checkpoint whose weights are used; undefined = the saved model's. */
  readonly checkpointEpoch: number | undefined;
  readonly output: OutputFormat;
}

/**
 * Predicts test examples and prints true and predicted class of each.
 * @param choose the examples' numbers, from how many there are
 */
export async function predictExamples(
  { reference, checkpointEpoch, output }: PredictionRequest,
  choose: (testCount: number) => readonly number[],
): Promise<void> {
  const { trial, answer } = await askAboutTrial(
    reference,
    ({ trialKey, testCount }) => ({
      type: "predict",
      trialKey,
      examples: choose(testCount),
      ...(checkpointEpoch === undefined ? {} : { checkpointEpoch }),
    }),
    "predicted",
  );
  const table = exampleTable(trial, answer.predictions);
  const right = answer.predictions.filter(({ label, predicted }) => label === predicted).length;
  const json = { schemaVersion: 1, trial, ...checkpointNote(checkpointEpoch), predictions: answer.predictions };
  const human = (): string =>
    [
      title(trial, checkpointEpoch),
      renderTextTable(table),
      `${right} of ${answer.predictions.length} predicted right`,
    ].join("\n");
  await printResult({ json, table, human }, output);
}

/** Predicts image files and prints the most probable classes of each. */
export async function predictFiles(
  { reference, checkpointEpoch, output }: PredictionRequest,
  { files, isInverted, top }: { readonly files: readonly string[]; readonly isInverted: boolean; readonly top: number },
): Promise<void> {
  const { trial, answer } = await askAboutTrial(
    reference,
    ({ trialKey }) => ({
      type: "predictImages",
      trialKey,
      files: files.map((file) => path.resolve(file)),
      isInverted,
      ...(checkpointEpoch === undefined ? {} : { checkpointEpoch }),
    }),
    "imagesPredicted",
  );
  const predictions = answer.predictions.map((prediction, index) => ({ ...prediction, file: files[index] ?? "" }));
  const table = imageTable(trial, predictions, top);
  const json = { schemaVersion: 1, trial, ...checkpointNote(checkpointEpoch), predictions };
  const human = (): string => `${title(trial, checkpointEpoch)}\n${renderTextTable(table)}`;
  await printResult({ json, table, human }, output);
}

function title({ trialId, seed }: FoundTrial, checkpointEpoch: number | undefined): string {
  return `trial ${trialId}  seed ${seed}${checkpointEpoch === undefined ? "" : `  checkpoint after epoch ${checkpointEpoch}`}`;
}

function checkpointNote(checkpointEpoch: number | undefined) {
  return checkpointEpoch === undefined ? {} : { checkpointEpoch };
}

const left = (key: string, label = key): TableColumn => ({ key, label, align: "left" });
const right = (key: string, label = key): TableColumn => ({ key, label, align: "right" });
const probability: TableColumn = { ...right("probability"), format: fixedDecimals(4) };

function exampleTable({ classNames }: FoundTrial, predictions: readonly Prediction[]): Table {
  const nameOf = (index: number): string => classNames[index] ?? String(index);
  return {
    columns: [right("example"), left("label", "true"), left("predicted"), probability, left("isRight", "right")],
    rows: predictions.map(({ example, label, predicted, probabilities }) => ({
      example,
      label: nameOf(label),
      predicted: nameOf(predicted),
      probability: probabilities[predicted] ?? null,
      isRight: label === predicted,
    })),
  };
}

/** A row for each of the most probable classes of each image; of equals, the lower class goes first. */
function imageTable({ classNames }: FoundTrial, predictions: readonly ImagePrediction[], top: number): Table {
  return {
    columns: [left("image"), right("rank", "#"), left("class"), probability],
    rows: predictions.flatMap(({ file, probabilities }) =>
      [...probabilities.entries()]
        .sort(([a, p], [b, q]) => q - p || a - b)
        .slice(0, top)
        .map(([index, value], rank) => ({
          image: file,
          rank: rank + 1,
          class: classNames[index] ?? String(index),
          probability: value,
        })),
    ),
  };
}
