import type { Optimizer } from "../../spec/schema/training.ts";

/** Numbers that the optimizer keeps for each weight. */
export function countSlots(optimizer: Optimizer): number {
  if (optimizer.type === "sgd") return optimizer.momentum > 0 ? 1 : 0;
  return 2;
}
