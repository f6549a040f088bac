import { Variable } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { Loss } from "../../../src/spec/schema/training.ts";
import type { StepClock } from "../../model/dropout-layer.ts";
import { initialWeights } from "../../model/initial-weights.ts";
import { buildLayersModel, layersUpToLogits } from "../../model/layers-model.ts";
import { encodeSavedModel } from "../../model/saved-model.ts";
import { predictedClass, softmaxCrossEntropy, type CrossEntropy } from "../cross-entropy.ts";
import type {
  Batch,
  EngineModel,
  ModelRequest,
  ModelState,
  NamedTensor,
  Predictor,
  SavedModel,
  StepFigures,
} from "../engine.ts";
import type { TracedModel } from "./compile-graph.ts";
import type { VariableDeclaration } from "./graph-variables.ts";
import type { NativeBackend } from "./native-backend.ts";
import { refuseCrashingLayers } from "./refuse-crashing-layers.ts";
import { Steps } from "./steps.ts";
import { slotNames } from "./optimizer-slots.ts";

/** How the engine computes. */
export interface Computing {
  readonly backend: NativeBackend;
  /** Whether steps are compiled where that is possible. */
  readonly compiles: boolean;
}

/** A model that was saved, on the native engine. */
export class TensorflowPredictor implements Predictor {
  private readonly steps: Steps;

  constructor(
    computing: Computing,
    private readonly model: LayersModel,
    loss: Loss,
  ) {
    const traced = traceable(computing.backend, model, loss, []);
    this.steps = new Steps(traced, computing, { train: [], predict: [] });
  }

  predict(batch: Batch): CrossEntropy {
    return crossEntropyOf(this.steps.predict(batch), batch);
  }

  dispose(): void {
    this.steps.dispose();
    this.model.dispose();
  }
}

/** A model with everything that it takes to train it on the native engine. */
export class TensorflowModel implements EngineModel {
  private readonly model: LayersModel;
  private readonly steps: Steps;
  private readonly unread: { readonly logits: Float32Array; readonly labels: Int32Array }[] = [];

  constructor(computing: Computing, request: ModelRequest) {
    const { model, loss, optimizer, seed, batchSizes = { train: [], predict: [] } } = request;
    refuseCrashingLayers(model);
    const clock: StepClock = { step: 0 };
    this.model = buildLayersModel(model, { loss, seed, clock });
    const traced = traceable(computing.backend, this.model, loss, slotNames(optimizer));
    const trainable = this.model.trainableWeights.map((weight) => asVariable(weight.read()));
    const learning = { trainable, optimizer, clock };
    this.steps = new Steps({ ...traced, learning }, computing, batchSizes);
    this.steps.writeState({ weights: initialWeights(model, seed), optimizer: [] });
  }

  get stepMode(): string {
    return this.steps.mode;
  }

  trainStep(batch: Batch, options: { readonly step: number; readonly learningRate: number }): void {
    const labels = batch.labels.slice(0, batch.size);
    this.unread.push({ logits: this.steps.train(batch, options), labels });
  }

  drainSteps(): StepFigures[] {
    return this.unread.splice(0).map(({ logits, labels }) => stepFigures(logits, labels));
  }

  predict(batch: Batch): CrossEntropy {
    return crossEntropyOf(this.steps.predict(batch), batch);
  }

  readState(): ModelState {
    return this.steps.readState();
  }

  writeState(state: ModelState): void {
    const { weights, optimizer } = this.steps.readState();
    requireAll(weights, state.weights);
    requireAll(optimizer, state.optimizer);
    this.steps.writeState(state);
  }

  save(weights: readonly NamedTensor[]): SavedModel {
    return encodeSavedModel(this.model, weights);
  }

  dispose(): void {
    this.steps.dispose();
    this.model.dispose();
  }
}

/** What a tfjs model consists of, for steps of either kind. @param slots what the optimizer keeps for every weight */
function traceable(
  backend: NativeBackend,
  model: LayersModel,
  loss: Loss,
  slots: readonly string[],
): Omit<TracedModel, "learning"> {
  const trainable = new Set(model.trainableWeights.map((weight) => weight.originalName));
  const variables = model.weights.map(
    (weight): VariableDeclaration => ({
      name: weight.originalName,
      variable: asVariable(weight.read()),
      slots: trainable.has(weight.originalName) ? slots : [],
    }),
  );
  const imageShape = (model.inputs[0]?.shape.slice(1) ?? []).map((dimension) => dimension ?? 0);
  const classCount = model.outputs[0]?.shape.at(-1) ?? 0;
  return { backend, chain: layersUpToLogits(model, loss), imageShape, classCount, variables };
}

function asVariable(value: unknown): Variable {
  if (value instanceof Variable) return value;
  throw new TypeError("a weight of the model is not a variable");
}

function requireAll(expected: readonly NamedTensor[], given: readonly NamedTensor[]): void {
  if (expected.length !== given.length) {
    throw new Error(`the state has ${given.length} tensors, the model ${expected.length}`);
  }
  const names = new Set(given.map(({ name }) => name));
  const absent = expected.find(({ name }) => !names.has(name));
  if (absent !== undefined) throw new Error(`the state has no tensor ${absent.name}`);
}

function crossEntropyOf(logits: Float32Array, { labels, size }: Batch): CrossEntropy {
  return softmaxCrossEntropy(logits, labels, logits.length / size);
}

function stepFigures(logits: Float32Array, labels: Int32Array): StepFigures {
  const size = labels.length;
  const classCount = logits.length / size;
  const { losses, probabilities } = softmaxCrossEntropy(logits, labels, classCount);
  let lossSum = 0;
  let correct = 0;
  for (const [example, label] of labels.entries()) {
    lossSum += losses[example] ?? 0;
    if (predictedClass(probabilities, classCount, example) === label) correct++;
  }
  return { loss: lossSum / size, correct, size };
}
