import { shortestFloat32 } from "../../encoding/shortest-float32.ts";
import type { PlannedTrial } from "../../plan/plan.ts";
import type { Predictions } from "../../record/trial-record.ts";
import type { TableRow } from "../table.ts";
import { typedColumn, type TypedColumn } from "./exported-table.ts";

/** The columns of the table `predictions`: a row per finished trial and test example. */
export const predictionColumns: readonly TypedColumn[] = [
  typedColumn("trial", "text"),
  typedColumn("seed", "integer"),
  typedColumn("example", "integer"),
  typedColumn("label", "integer"),
  typedColumn("predicted", "integer"),
  typedColumn("labelName", "text"),
  typedColumn("predictedName", "text"),
  typedColumn("probability", "float32"),
  typedColumn("isRight", "boolean"),
];

/** What a trial said about each test example, as rows that name it; probabilities without digits that mean nothing. */
export function predictionRows(
  { labels, predicted, confidences }: Predictions,
  { id, seed }: Pick<PlannedTrial, "id" | "seed">,
  classNames: readonly string[],
): TableRow[] {
  return Array.from(labels, (label, example) => {
    const guess = predicted[example] ?? 0;
    return {
      trial: id,
      seed,
      example,
      label,
      predicted: guess,
      labelName: classNames[label] ?? null,
      predictedName: classNames[guess] ?? null,
      probability: Number(shortestFloat32(confidences[example] ?? 0)),
      isRight: label === guess,
    };
  });
}
