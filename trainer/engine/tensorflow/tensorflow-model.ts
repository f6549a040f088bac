import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { StepClock } from "../../model/dropout-layer.ts";
import { initialWeights } from "../../model/initial-weights.ts";
import { buildLayersModel } from "../../model/layers-model.ts";
import { graphUpToLogits } from "../../model/logits-graph.ts";
import { penaltyOf } from "../../model/penalty.ts";
import { encodeSavedModel } from "../../model/saved-model.ts";
import type { Loss } from "../../../src/spec/schema/training.ts";
import type { CrossEntropy } from "../cross-entropy.ts";
import type {
  Batch,
  EngineModel,
  ModelRequest,
  ModelState,
  NamedTensor,
  Predictor,
  SavedModel,
  StepFigures,
  StepSeries,
} from "../engine.ts";
import { createLossFunction, type LossFunction } from "../loss-function.ts";
import { toNamedVariable, variablesOf } from "../model-variables.ts";
import { optimizerSlots } from "../optimizer-slots.ts";
import { addPenalty, exampleWeights, stepFigures } from "../step-figures.ts";
import { averageSlot } from "../weight-average.ts";
import type { TracedModel } from "./traced-model.ts";
import type { CompiledPool } from "./compiled-pool.ts";
import type { NetworkOutputs } from "./compiled-steps.ts";
import type { NativeBackend } from "./native-backend.ts";
import type { GraphKit } from "./operation-writer.ts";
import { refuseCrashingLayers } from "./refuse-crashing-layers.ts";
import { Steps } from "./steps.ts";

/** How the engine computes. */
export interface Computing {
  readonly backend: NativeBackend;
  /** What graphs may be made of. */
  readonly kit: GraphKit;
  /** Whether steps are compiled where that is possible. */
  readonly compiles: boolean;
  /** Compiled models that are done with. */
  readonly pool: CompiledPool;
}

/** A model that was saved, on the native engine. */
export class TensorflowPredictor implements Predictor {
  private readonly steps: Steps;
  private readonly lossFunction: LossFunction;

  constructor(
    computing: Computing,
    private readonly model: LayersModel,
    { loss, topology }: { readonly loss: Loss; readonly topology: Uint8Array },
  ) {
    this.lossFunction = createLossFunction(loss);
    const variables = model.weights.map((weight) => ({ ...toNamedVariable(weight), slots: [], isAveraged: false }));
    const identity = { key: JSON.stringify([Buffer.from(topology).toString(), loss]), seed: 0 };
    const traced = { ...traceable(computing, model, loss), variables, identity };
    this.steps = new Steps(traced, computing, { train: [], predict: [] });
  }

  predict(batch: Batch): CrossEntropy {
    return crossEntropyOf(this.lossFunction, this.steps.predict(batch), batch);
  }

  dispose(): void {
    this.steps.dispose();
    this.model.dispose();
  }
}

/** What a step found, until somebody asks for its figures. */
interface UnreadStep {
  readonly outputs: NetworkOutputs;
  readonly labels: Int32Array;
}

/** A model with everything that it takes to train it on the native engine. */
export class TensorflowModel implements EngineModel {
  private readonly model: LayersModel;
  private readonly steps: Steps;
  private readonly lossFunction: LossFunction;
  private readonly classWeights: Float64Array | undefined;
  private readonly unread: UnreadStep[] = [];
  readonly series: StepSeries = {
    prepare: (plan) => this.steps.prepareSeries(plan),
    putImages: (start, batch) => this.steps.putImages(start, batch),
    isReady: () => this.steps.series !== undefined,
    train: (steps) => {
      const outputs = this.steps.trainSeries(steps.map((step) => ({ ...step, shares: this.sharesOf(step.labels) })));
      for (const [index, { labels }] of steps.entries()) {
        const found = outputs[index];
        if (found !== undefined) this.unread.push({ outputs: found, labels });
      }
    },
  };

  constructor(computing: Computing, request: ModelRequest) {
    const { model, loss, seed, batchSizes = { train: [], predict: [] } } = request;
    refuseCrashingLayers(model);
    const clock: StepClock = { step: 0 };
    this.lossFunction = createLossFunction(loss);
    this.classWeights = request.classWeights;
    this.model = buildLayersModel(model, { loss, seed, clock });
    const learning = learningFrom(this.model, request, clock);
    const traced = { ...traceable(computing, this.model, loss), ...learning, identity: identityOf(request) };
    this.steps = new Steps(traced, computing, batchSizes);
    this.steps.writeState({ weights: initialWeights(model, seed, request.initialWeights), optimizer: [] });
  }

  get stepMode(): string {
    const { mode, series } = this.steps;
    return series === undefined ? mode : `${mode}, ${series.stepCount} steps a call`;
  }

  trainStep(batch: Batch, options: { readonly step: number; readonly learningRate: number }): void {
    const labels = batch.labels.slice(0, batch.size);
    this.unread.push({ outputs: this.steps.train(batch, options, this.sharesOf(labels)), labels });
  }

  /** Share of each example in the mean loss; undefined if classes have no weights. */
  private sharesOf(labels: Int32Array): Float32Array | undefined {
    const weightOf = exampleWeights(labels, this.classWeights);
    return weightOf && Float32Array.from(labels, (_, example) => weightOf(example) / labels.length);
  }

  drainSteps(): StepFigures[] {
    const { classWeights } = this;
    return this.unread.splice(0).map(({ outputs: { logits, penalty }, labels }) => {
      const size = labels.length;
      const figures = this.lossFunction(logits, labels, logits.length / size);
      return stepFigures(figures, { labels, size }, { classWeights, penalty });
    });
  }

  predict(batch: Batch): CrossEntropy {
    return crossEntropyOf(this.lossFunction, this.steps.predict(batch), batch);
  }

  readEvaluatedWeights(): readonly NamedTensor[] {
    const { weights, optimizer } = this.steps.readState();
    const slots = new Map(optimizer.map(({ name, values }) => [name, values]));
    return weights.map((weight) => ({
      ...weight,
      values: slots.get(`${weight.name}/${averageSlot}`) ?? weight.values,
    }));
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

/** What a tfjs model computes, for steps of either kind. */
function traceable(
  { backend, kit }: Computing,
  model: LayersModel,
  loss: Loss,
): Omit<TracedModel, "learning" | "variables"> {
  const imageShape = (model.inputs[0]?.shape.slice(1) ?? []).map((dimension) => dimension ?? 0);
  return { backend, kit, network: graphUpToLogits(model, loss), penalty: () => penaltyOf(model), loss, imageShape };
}

/** The weights of a model, and how they learn. */
function learningFrom(
  built: LayersModel,
  { model, optimizer, ema, gradientClipping, classWeights }: ModelRequest,
  clock: StepClock,
): Required<Pick<TracedModel, "learning" | "variables">> {
  const { weights, trained } = variablesOf(built, model);
  const learns = new Set(trained.map(({ variable }) => variable));
  const variables = weights.map((weight) => {
    const isTrained = learns.has(weight.variable);
    return { ...weight, slots: isTrained ? optimizerSlots(optimizer) : [], isAveraged: isTrained && ema !== undefined };
  });
  const rules = { optimizer, ema };
  return { variables, learning: { trained, rules, gradientClipping, hasShares: classWeights !== undefined, clock } };
}

/** What the graph of a model depends on. Learning rates are given for each step, weights are written. */
function identityOf({ model, loss, optimizer, gradientClipping, ema, classWeights, seed }: ModelRequest) {
  const { learningRate: _, ...rule } = optimizer;
  const key = JSON.stringify([model, loss, rule, gradientClipping ?? null, ema ?? null, classWeights !== undefined]);
  return { key, seed };
}

function requireAll(expected: readonly NamedTensor[], given: readonly NamedTensor[]): void {
  if (expected.length !== given.length) {
    throw new Error(`the state has ${given.length} tensors, the model ${expected.length}`);
  }
  const names = new Set(given.map(({ name }) => name));
  const absent = expected.find(({ name }) => !names.has(name));
  if (absent !== undefined) throw new Error(`the state has no tensor ${absent.name}`);
}

function crossEntropyOf(
  lossFunction: LossFunction,
  { logits, penalty }: NetworkOutputs,
  { labels, size }: Batch,
): CrossEntropy {
  return addPenalty(lossFunction(logits, labels, logits.length / size), penalty);
}
