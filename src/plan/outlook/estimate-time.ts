import { computeBudget, type EstimatedConfiguration } from "../estimate.ts";
import type { PlannedModel } from "../plan.ts";
import { elementCount } from "../shape.ts";
import { countSlots } from "../weight-copies.ts";
import type { Range } from "./range.ts";
import type { Speed } from "./speed-file.ts";

/**
 * Seconds that one trial takes: training, the evaluations after each epoch and the test. A step's time is a sum of
 * four: a constant, its multiply-adds, the layer outputs and the weights that it touches. Evaluating an example costs a
 * third of training on it.
 */
export function estimateTrialSeconds(configuration: EstimatedConfiguration, speed: Speed): Range {
  const { data, model, training, evaluation } = configuration;
  const { stepCount, epochCount, stepsPerEpoch } = computeBudget(training, data.trainCount);
  const trained = (stepCount / stepsPerEpoch) * data.trainCount;
  const testsPerEpoch = evaluation.test === "everyEpoch" ? data.testCount : 0;
  const evaluated = epochCount * (data.validationCount + testsPerEpoch) + data.testCount;
  const examples = trained + evaluated / 3;
  const likely =
    speed.secondsPerStart +
    stepCount * speed.secondsPerStep +
    examples * (3 * model.multiplyAdds * 1e-9) * speed.secondsPerGigaMultiplyAdds +
    examples * countOutputs(model) * 1e-6 * speed.secondsPerMillionOutputs +
    stepCount * (2 + countSlots(training.optimizer)) * model.parameterCount * 1e-6 * speed.secondsPerMillionWeights;
  const [shortest, longest] = speed.range;
  return { low: shortest * likely, likely, high: longest * likely };
}

/** Numbers that the layers give for one example, twice where an activation is applied to them. */
function countOutputs({ layers }: PlannedModel): number {
  return layers.reduce((sum, { layer, outputShape }) => {
    if (layer.type === "flatten") return sum;
    const isActivated = "activation" in layer && layer.activation !== "linear";
    return sum + elementCount(outputShape) * (isActivated ? 2 : 1);
  }, 0);
}
