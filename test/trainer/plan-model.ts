import { parse } from "yaml";
import { inferShapes } from "../../src/plan/infer-shapes.ts";
import type { PlannedModel, Shape } from "../../src/plan/plan.ts";
import { modelSchema } from "../../src/spec/schema/layer.ts";

/** The planned form of an architecture. @param layers YAML of `model.layers` */
export function planModel(inputShape: Shape, layers: string): PlannedModel {
  const { planned, issues } = inferShapes(modelSchema.parse({ layers: parse(layers) }), inputShape);
  if (planned === undefined) throw new Error(JSON.stringify(issues));
  return planned;
}
