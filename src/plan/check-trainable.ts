import type { ExperimentIssue } from "../spec/issue.ts";
import type { PlannedModel } from "./plan.ts";

/** Whether there is anything in a model that a training could change. */
export function checkTrainable(model: PlannedModel): readonly ExperimentIssue[] {
  if (model.parameterCount > 0) return [];
  const isFrozen = (model.nonTrainableCount ?? 0) > 0;
  return [
    {
      code: "nothing-to-train",
      path: ["model", "layers"],
      message: isFrozen
        ? "every layer with weights is frozen (`trainable: false`): there is nothing to train"
        : "no layer has weights: there is nothing to train",
      fix: isFrozen ? "leave at least one layer trainable, e.g. the last one" : "add e.g. a `dense` layer",
    },
  ];
}
