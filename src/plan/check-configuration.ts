import type { ExperimentIssue } from "../spec/issue.ts";
import type { ParsedSection, SectionName } from "../spec/parse-section.ts";
import type { Data } from "../spec/schema/data.ts";
import type { Resources } from "../spec/schema/experiment.ts";
import type { InitialWeights } from "../spec/schema/initial-weights.ts";
import type { Model } from "../spec/schema/layer.ts";
import type { Training } from "../spec/schema/training.ts";
import { checkEvaluation } from "./check-evaluation.ts";
import { checkMemory } from "./check-memory.ts";
import { checkBinaryOutput, checkClassCount, checkLoss } from "./check-output.ts";
import { checkTrainable } from "./check-trainable.ts";
import { checkTraining } from "./check-training.ts";
import type { EstimatedConfiguration } from "./estimate.ts";
import type { GridPoint } from "./expand-sweep.ts";
import { type InferredModel, inferShapes } from "./infer-shapes.ts";
import { planInitialWeights, type WeightsFacts } from "./initial-weights.ts";
import { memoize, memoizePair } from "./memoize.ts";
import type { PlannedData, PlannedDataset, Shape } from "./plan.ts";
import { formatShape } from "./shape.ts";
import { splitExamples } from "./split-examples.ts";
import type { RuleResult } from "./sweep-issues.ts";
import { checkWasmHeap } from "./wasm-heap.ts";

/** The engine that a plan is made for; the embedded one has a limit of its own. */
export type PlannedEngine = "wasm" | "tensorflow";

/** What checking a configuration gave. */
export interface CheckedConfiguration {
  /** Absent if a rule found an issue. */
  readonly configuration?: EstimatedConfiguration;
  readonly results: readonly RuleResult[];
}

/** Looks up what is known about what an experiment names. */
export interface FactsLookup {
  readonly datasetOf: (spec: Data["dataset"]) => PlannedDataset;
  readonly weightsOf: (spec: InitialWeights) => WeightsFacts;
}

/**
 * Makes the check of all rules between sections, shapes included. Each rule is checked once for equal sections, so
 * that a sweep costs little more than its distinct sections.
 * @param lookup the facts about data sets and weights that the experiment names
 */
export function createConfigurationChecker(
  lookup: FactsLookup,
  resources: Resources,
  engine?: PlannedEngine,
): (sections: GridPoint["sections"]) => CheckedConfiguration {
  const rules = createRules(lookup);
  return (sections) => {
    const results: RuleResult[] = [];
    const note = (rule: string, reads: readonly SectionName[], issues: readonly ExperimentIssue[]) => {
      results.push({ rule, reads, issues });
    };
    const use = <Name extends SectionName>(name: Name, section: ParsedSection<Name>) => {
      note(name, [name], "issues" in section ? section.issues : []);
      return "value" in section ? section.value : undefined;
    };
    const dataSpec = use("data", sections.data);
    const modelSpec = use("model", sections.model);
    const training = use("training", sections.training);
    const evaluation = use("evaluation", sections.evaluation);

    const data = dataSpec && rules.split(dataSpec);
    const model = data && modelSpec && rules.infer(modelSpec, data.inputShape);
    if (data) note("split", ["data"], data.issues);
    if (model) note("shapes", ["data", "model"], model.issues);
    if (model?.planned) note("trainable", ["model"], rules.checkTrainable(model.planned));
    const isBinary = training?.loss.type === "binaryCrossentropy";
    if (model && !isBinary) note("classCount", ["data", "model"], rules.checkClassCount(model, data.data.dataset));
    if (model && isBinary)
      note("binaryOutput", ["data", "model", "training"], rules.checkBinaryOutput(model, data.data.dataset));
    if (model && training) note("loss", ["model", "training"], rules.checkLoss(model, training));
    if (data && training) note("budget", ["data", "training"], rules.checkTraining(training, data.data));
    if (data && evaluation) note("topK", ["data", "evaluation"], checkEvaluation(evaluation, data.data));
    if (!data || !model?.planned || !training || !evaluation || hasIssues(results)) return { results };
    const configuration = { data: data.data, model: model.planned, training, evaluation };
    note("memory", ["data", "model", "training", "evaluation"], checkMemory(configuration, resources));
    if (engine === "wasm") note("wasmHeap", ["data", "model", "training", "evaluation"], checkWasmHeap(configuration));
    return hasIssues(results) ? { results } : { configuration, results };
  };
}

/** The rules between sections, each remembering what it found for the sections it looks at. */
function createRules({ datasetOf, weightsOf }: FactsLookup) {
  const inferForSize = new Map<string, (model: Model) => InferredModel>();
  const infer = (model: Model, imageShape: Shape) => {
    const size = formatShape(imageShape);
    const known = inferForSize.get(size) ?? memoize((model: Model) => inferModel(model, imageShape, weightsOf));
    inferForSize.set(size, known);
    return known(model);
  };
  return {
    infer,
    split: memoize((data: Data) => splitExamples(data, datasetOf(data.dataset))),
    checkTrainable: memoize(checkTrainable),
    checkClassCount: memoizePair(checkClassCount),
    checkBinaryOutput: memoizePair(checkBinaryOutput),
    checkLoss: memoizePair((model: InferredModel, training: Training) => checkLoss(model.layers, training.loss)),
    checkTraining: memoizePair((training: Training, data: PlannedData) => checkTraining(training, data)),
  };
}

/** Shapes, and whether the weights that the model starts from have them. */
function inferModel(model: Model, imageShape: Shape, weightsOf: FactsLookup["weightsOf"]): InferredModel {
  const inferred = inferShapes(model, imageShape);
  if (!inferred.planned || !model.initialWeights) return inferred;
  const { planned, ...rest } = inferred;
  const started = planInitialWeights(planned, model.initialWeights, weightsOf(model.initialWeights));
  return "planned" in started ? { ...rest, planned: started.planned } : { ...rest, issues: started.issues };
}

function hasIssues(results: readonly RuleResult[]): boolean {
  return results.some(({ issues }) => issues.length > 0);
}
