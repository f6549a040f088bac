import type { PlannedTrial } from "../../plan/plan.ts";
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
  typedColumn("probability", "number"),
  typedColumn("isRight", "boolean"),
];

/**
 * The rows of a trial's `predictions.csv`.
 * @param text of the file: `example,label,predicted,probability`, a line per test example
 * @returns undefined if it isn't such a file
 */
export function predictionRows(
  text: string,
  { id, seed }: Pick<PlannedTrial, "id" | "seed">,
  classNames: readonly string[],
): TableRow[] | undefined {
  const [header, ...lines] = text.trimEnd().split("\n");
  if (header !== "example,label,predicted,probability") return undefined;
  const rows = lines.map((line) => {
    const [example = NaN, label = NaN, predicted = NaN, probability = NaN] = line.split(",").map(Number);
    return {
      trial: id,
      seed,
      example,
      label,
      predicted,
      labelName: classNames[label] ?? null,
      predictedName: classNames[predicted] ?? null,
      probability,
      isRight: label === predicted,
    };
  });
  return rows.some(({ example, label, predicted, probability }) =>
    [example, label, predicted, probability].some(Number.isNaN),
  )
    ? undefined
    : rows;
}
