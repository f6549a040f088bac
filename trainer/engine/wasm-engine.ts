import { add, memory, mul, sum, tensor, tidy, variableGrads } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { version_wasm } from "@tensorflow/tfjs-backend-wasm";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { WasmKernelChoice } from "../../src/contract/trainer-environment.ts";
import type { Loss } from "../../src/spec/schema/training.ts";
import type { StepClock } from "../model/dropout-layer.ts";
import { initialWeights } from "../model/initial-weights.ts";
import { buildLayersModel } from "../model/layers-model.ts";
import { applyGraph, graphUpToLogits, type LogitsGraph } from "../model/logits-graph.ts";
import { penaltyOf } from "../model/penalty.ts";
import { decodeSavedModel, encodeSavedModel } from "../model/saved-model.ts";
import type { CrossEntropy } from "./cross-entropy.ts";
import type {
  Batch,
  Engine,
  EngineModel,
  ModelRequest,
  ModelState,
  NamedTensor,
  Predictor,
  SavedModel,
  StepFigures,
} from "./engine.ts";
import { createLossFunction, meanGradient, type LossFigures, type LossFunction } from "./loss-function.ts";
import { readVariable, variablesOf, writeVariables } from "./model-variables.ts";
import { addPenalty, exampleWeights, stepFigures } from "./step-figures.ts";
import { createUpdateRule, type UpdateRule } from "./update-rule.ts";
import { installWasmKernels, type WasmKernels } from "./wasm/install-wasm-kernels.ts";
import { trainInPlace } from "./wasm/train-in-place.ts";
import type { NamedVariable } from "./weight-update.ts";

/**
 * Starts the embedded engine: TensorFlow.js' WebAssembly backend on one thread, with our own gradient kernels; or with
 * gradients composed from its kernels, if that is wanted or ours can't work.
 * @throws Error if WebAssembly can't be started here; RangeError if relaxed SIMD is wanted and can't be had
 */
export async function createWasmEngine(wanted: WasmKernelChoice = "simd"): Promise<Engine> {
  const kernels = await installWasmKernels(wanted);
  const { heapBytes } = kernels;
  return {
    name: "wasm",
    version: `${version_wasm}${versionSuffix(kernels)}`,
    threads: 1,
    details: { kernels: describeKernels(kernels) },
    ...(kernels.reason !== undefined && { notice: noticeOf(kernels.reason) }),
    buildModel: (request) => new WasmModel(kernels, request),
    loadModel: async (saved, loss) => new WasmPredictor(await decodeSavedModel(saved), loss),
    tensorCount: () => memory().numTensors,
    ...(heapBytes && { heapBytes }),
  };
}

/** Other kernels round differently: only the same go on from a checkpoint, and a comparison tells them apart. */
function versionSuffix({ kind, fuses }: WasmKernels): string {
  if (kind === "simd") return "";
  return fuses === false ? `+${kind}.unfused` : `+${kind}`;
}

function describeKernels({ kind, reason, fuses }: WasmKernels): string {
  if (kind === "relaxed-simd") return fuses === true ? kind : `${kind}, on a processor without multiply-add`;
  return reason === undefined ? kind : `${kind}: ${reason}`;
}

function noticeOf(reason: string): string {
  return `the engine wasm goes on with kernels composed from those of TensorFlow.js, which take longer: ${reason}`;
}

/** A tfjs model whose logits, before its final softmax (or sigmoid), are computed. */
class WasmPredictor implements Predictor {
  private readonly model: LayersModel;
  private readonly graph: LogitsGraph;
  private readonly lossFunction: LossFunction;

  constructor(model: LayersModel, loss: Loss) {
    this.model = model;
    this.lossFunction = createLossFunction(loss);
    this.graph = graphUpToLogits(model, loss);
  }

  predict(batch: Batch): CrossEntropy {
    const logits = tidy(() => this.logits(batch, { training: false }));
    const { probabilities, losses } = this.lossFigures(logits, batch);
    logits.dispose();
    return addPenalty({ probabilities, losses }, this.penalty());
  }

  /** What regularizers add to the loss. */
  private penalty(): number {
    return tidy(() => penaltyOf(this.model)?.dataSync<"float32">()[0] ?? 0);
  }

  /** What the loss says about these logits of the batch. */
  lossFigures(logits: Tensor, batch: Batch): LossFigures {
    return this.lossFunction(logits.dataSync<"float32">(), batch.labels, logits.shape.at(-1) ?? 0);
  }

  /** Logits, shape [batch.size, outputs]. */
  logits(batch: Batch, mode: { readonly training: boolean }): Tensor {
    const shape = [batch.size, ...(this.model.inputs[0]?.shape.slice(1) ?? [])].map((dimension) => dimension ?? 0);
    const valueCount = shape.reduce((product, dimension) => product * dimension, 1);
    return applyGraph(this.graph, tensor(batch.images.subarray(0, valueCount), shape), mode);
  }

  dispose(): void {
    this.model.dispose();
  }
}

/** A tfjs model with everything that it takes to train it. */
class WasmModel implements EngineModel {
  private readonly model: LayersModel;
  private readonly predictor: WasmPredictor;
  private readonly weights: readonly NamedVariable[];
  /** The weights that gradients change: without frozen ones and moving statistics. */
  private readonly trained: readonly NamedVariable[];
  private readonly updateRule: UpdateRule;
  private readonly classWeights: Float64Array | undefined;
  private readonly clock: StepClock = { step: 0 };
  private figures: StepFigures[] = [];

  constructor(kernels: WasmKernels, request: ModelRequest) {
    const { model, loss, seed } = request;
    this.classWeights = request.classWeights;
    this.model = buildLayersModel(model, { loss, seed, clock: this.clock });
    if (kernels.kind !== "stock") for (const layer of this.model.layers) trainInPlace(layer);
    this.predictor = new WasmPredictor(this.model, loss);
    ({ weights: this.weights, trained: this.trained } = variablesOf(this.model, model));
    this.updateRule = createUpdateRule(kernels, request, this.trained);
    this.writeWeights(initialWeights(model, seed, request.initialWeights));
  }

  trainStep(batch: Batch, options: { readonly step: number; readonly learningRate: number }): void {
    this.clock.step = options.step;
    tidy(() => {
      const { grads } = variableGrads(
        () => this.lossWithGradient(batch),
        this.trained.map(({ variable }) => variable),
      );
      this.updateRule.apply(grads, options);
    });
  }

  /**
   * Runs the batch forward and notes its figures. The scalar that is returned is not the loss, but has its gradient:
   * the sum of logits times the loss' gradient by logits, which was computed exactly outside tfjs, and what regularizers
   * add.
   */
  private lossWithGradient(batch: Batch): Scalar {
    const logits = this.predictor.logits(batch, { training: true });
    const figures = this.predictor.lossFigures(logits, batch);
    const { classWeights } = this;
    const penalty = penaltyOf(this.model);
    const rules = { classWeights, penalty: penalty?.dataSync<"float32">()[0] ?? 0 };
    this.figures.push(stepFigures(figures, batch, rules));
    const gradient = meanGradient(figures.slopes(), batch.size, exampleWeights(batch.labels, classWeights));
    const loss = sum<Scalar>(mul(logits, tensor(gradient, logits.shape)));
    return penalty === undefined ? loss : add(loss, penalty);
  }

  drainSteps(): StepFigures[] {
    const figures = this.figures;
    this.figures = [];
    return figures;
  }

  predict(batch: Batch): CrossEntropy {
    return this.updateRule.withEvaluatedWeights(() => this.predictor.predict(batch));
  }

  readEvaluatedWeights(): readonly NamedTensor[] {
    return this.updateRule.withEvaluatedWeights(() => this.weights.map(readVariable));
  }

  readState(): ModelState {
    return { weights: this.weights.map(readVariable), optimizer: this.updateRule.slots.map(readVariable) };
  }

  writeState(state: ModelState): void {
    this.writeWeights(state.weights);
    writeVariables(this.updateRule.slots, state.optimizer);
  }

  save(weights: readonly NamedTensor[]): SavedModel {
    return encodeSavedModel(this.model, weights);
  }

  dispose(): void {
    for (const { variable } of this.updateRule.slots) variable.dispose();
    this.predictor.dispose();
  }

  private writeWeights(weights: readonly NamedTensor[]): void {
    writeVariables(this.weights, weights);
  }
}
