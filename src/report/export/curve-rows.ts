import type { ConfigurationId } from "../../plan/plan.ts";
import type { TrialLog } from "../epoch-log.ts";
import type { TableRow } from "../table.ts";
import { typedColumn, type TypedColumn } from "./exported-table.ts";

/** The figures of the table `curves`: a row per trial and epoch. */
export const curveColumns: readonly TypedColumn[] = [
  typedColumn("epoch", "integer"),
  typedColumn("step", "integer"),
  typedColumn("loss", "number"),
  typedColumn("accuracy", "number"),
  typedColumn("validationLoss", "number"),
  typedColumn("validationAccuracy", "number"),
  typedColumn("testLoss", "number"),
  typedColumn("testAccuracy", "number"),
  typedColumn("learningRate", "number"),
  typedColumn("seconds", "number"),
];

/** The figures of the table `steps`: a row per trial and line of `training.logEverySteps`. */
export const stepColumns: readonly TypedColumn[] = curveColumns.filter(({ key }) =>
  ["epoch", "step", "loss", "accuracy", "learningRate"].includes(key),
);

/** What a trial logged, as rows that name it. @param which `epochs`, or `steps` for the lines of `logEverySteps` */
export function curveRows(log: TrialLog, configuration: ConfigurationId, which: "epochs" | "steps"): TableRow[] {
  return log[which].map((line) => ({ ...log.values, trial: log.trialId, configuration, seed: log.seed, ...line }));
}
