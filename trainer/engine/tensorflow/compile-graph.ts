import { clone, dispose, tensor, tidy, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import type { Optimizer } from "../../../src/spec/schema/training.ts";
import type { StepClock, StepInput } from "../../model/dropout-layer.ts";
import { applyLayers } from "../../model/layers-model.ts";
import type { BatchSizes } from "../engine.ts";
import { GraphBuilder, type NodeReference } from "./graph-def.ts";
import { assign, GraphVariables, readVariable, type VariableDeclaration } from "./graph-variables.ts";
import type { NativeBackend } from "./native-backend.ts";
import { addUpdate } from "./optimizer-nodes.ts";
import { NotCompilable, Trace } from "./trace.ts";
import { runTrainingPass, type TrainingOutcome } from "./training-pass.ts";

/** A model as tfjs runs it, which is to become a graph. */
export interface TracedModel {
  readonly backend: NativeBackend;
  /** The layers up to the logits. */
  readonly chain: readonly layers.Layer[];
  /** Shape of one image. */
  readonly imageShape: readonly number[];
  readonly classCount: number;
  readonly variables: readonly VariableDeclaration[];
  /** What it takes to learn; absent = the model only predicts. */
  readonly learning?: {
    readonly trainable: readonly Variable[];
    readonly optimizer: Optimizer;
    readonly clock: StepClock;
  };
}

/** What goes into and comes out of one training step for batches of one size. */
export interface TrainingSignature {
  readonly images: NodeReference;
  readonly labels: NodeReference;
  readonly stepSize: NodeReference;
  readonly stepInputs: readonly { readonly node: NodeReference; readonly input: StepInput }[];
  /** Logits from before the step, shape [examples, classes]; fetching them does the step. */
  readonly logits: NodeReference;
}

/** What goes into and comes out of a prediction for batches of one size. */
export interface PredictionSignature {
  readonly images: NodeReference;
  readonly logits: NodeReference;
}

/** A model as a graph: all that is computed with it, by size of batch, on the same variables. */
export interface CompiledGraph {
  readonly graph: GraphBuilder;
  readonly variables: GraphVariables;
  readonly training: ReadonlyMap<number, TrainingSignature>;
  readonly prediction: ReadonlyMap<number, PredictionSignature>;
}

/**
 * Traces a model for some batch sizes.
 *
 * Whatever a layer makes in JavaScript and does not get from the `StepClock` would stay the same for ever. So everything is
 * traced twice, with other images, labels and steps, and both graphs must be equal to the byte.
 * @throws NotCompilable if they aren't, or if something can't be expressed in a graph
 */
export function compileGraph(model: TracedModel, sizes: BatchSizes): CompiledGraph {
  const first = traceModel(model, sizes, 0);
  const second = traceModel(model, sizes, 1);
  if (!first.graph.encode().equals(second.graph.encode())) {
    throw new NotCompilable("two traces of it differ: a layer makes values in JavaScript");
  }
  return first;
}

function traceModel(model: TracedModel, sizes: BatchSizes, round: number): CompiledGraph {
  const graph = new GraphBuilder();
  const variables = new GraphVariables(graph, model.variables);
  const context = { model, graph, variables, round };
  return {
    graph,
    variables,
    training: new Map(sizes.train.map((size) => [size, traceTraining(context, size)])),
    prediction: new Map(sizes.predict.map((size) => [size, tracePrediction(context, size)])),
  };
}

interface TraceContext {
  readonly model: TracedModel;
  readonly graph: GraphBuilder;
  readonly variables: GraphVariables;
  /** 0 or 1: which of the two traces. */
  readonly round: number;
}

function traceTraining(context: TraceContext, size: number): TrainingSignature {
  const { model, graph } = context;
  const { trace, reads } = startTrace(context);
  const stepSize = graph.placeholder(`train${size}_stepSize`, "float32", []);
  const signatures: TrainingSignature[] = [];
  restoringVariables(model, () =>
    tidy(() => {
      const images = feedImages(context, trace, `train${size}`, size);
      const labels = feedLabels(context, trace, size);
      const { outcome, stepInputs } = recordPass(context, trace, {
        images: images.tensor,
        labels: labels.tensor,
        size,
      });
      const after = addChanges(context, trace, { outcome, stepSize, reads: [...reads.values()] });
      const logits = graph.identity(trace.nodeOf(outcome.logits), { after, name: `train${size}` });
      outcome.logits.dispose();
      signatures.push({ images: images.node, labels: labels.node, stepSize, stepInputs, logits });
    }),
  );
  const [signature] = signatures;
  if (signature === undefined) throw new Error("unreachable: the step was traced");
  return signature;
}

/** Runs the pass, and notes what layers need anew in every step. */
function recordPass(
  { model, graph, round }: TraceContext,
  trace: Trace,
  { images, labels, size }: { readonly images: Tensor; readonly labels: Tensor; readonly size: number },
): { readonly outcome: TrainingOutcome; readonly stepInputs: TrainingSignature["stepInputs"] } {
  const { trainable, clock } = learningOf(model);
  const stepInputs: { node: NodeReference; input: StepInput }[] = [];
  clock.step = round;
  clock.stepInput = (input) => {
    const node = graph.placeholder(`train${size}_input${stepInputs.length}`, "float32", input.shape);
    const values = tensor(input.valuesAt(clock.step), [...input.shape]);
    trace.bind(values, node);
    stepInputs.push({ node, input });
    return values;
  };
  try {
    const pass = { chain: model.chain, trainable, images, labels };
    return { outcome: trace.record(() => runTrainingPass(model.backend, pass)), stepInputs };
  } finally {
    clock.stepInput = undefined;
  }
}

/** Adds what a step changes, once all weights have been read. @returns the nodes to wait for */
function addChanges(
  { model, graph, variables }: TraceContext,
  trace: Trace,
  step: {
    readonly outcome: TrainingOutcome;
    readonly stepSize: NodeReference;
    readonly reads: readonly NodeReference[];
  },
): NodeReference[] {
  const { trainable, optimizer } = learningOf(model);
  const { outcome, stepSize, reads: after } = step;
  const resourcesOf = (variable: Variable) => {
    const resources = variables.resourcesOf(variable);
    if (resources === undefined)
      throw new NotCompilable(`it changes the variable ${variable.name}, which is no weight`);
    return resources;
  };
  const updates = trainable.map((weight) => {
    const gradient = outcome.gradients[weight.name];
    if (gradient === undefined) throw new Error(`there is no gradient for ${weight.name}`);
    return addUpdate(graph, optimizer, { ...resourcesOf(weight), gradient: trace.nodeOf(gradient), stepSize, after });
  });
  const assignments = trace
    .assignments()
    .map(({ variable, node }) => assign(graph, resourcesOf(variable).weight, node, after));
  return [...updates, ...assignments];
}

function learningOf({ learning }: TracedModel): NonNullable<TracedModel["learning"]> {
  if (learning === undefined) throw new Error("the model only predicts");
  return learning;
}

function tracePrediction(context: TraceContext, size: number): PredictionSignature {
  const { graph, model } = context;
  const { trace } = startTrace(context);
  return tidy(() => {
    const images = feedImages(context, trace, `predict${size}`, size);
    const output = trace.record(() => applyLayers(model.chain, images.tensor, { training: false }));
    return { images: images.node, logits: graph.identity(trace.nodeOf(output), { name: `predict${size}` }) };
  });
}

/** A trace that reads every weight once. */
function startTrace({ model, graph, variables }: TraceContext): {
  readonly trace: Trace;
  readonly reads: ReadonlyMap<Variable, NodeReference>;
} {
  const reads = new Map<Variable, NodeReference>();
  const read = (variable: Variable): NodeReference | undefined => {
    const resources = variables.resourcesOf(variable);
    if (resources === undefined) return undefined;
    const node = reads.get(variable) ?? readVariable(graph, resources.weight);
    reads.set(variable, node);
    return node;
  };
  const all = model.variables.map(({ variable }) => variable);
  return { trace: new Trace(model.backend, graph, { readVariable: read, variables: all }), reads };
}

/** Made-up images; which ones does not matter, but they must differ between the two rounds. */
function feedImages({ model, graph, round }: TraceContext, trace: Trace, name: string, size: number) {
  const shape = [size, ...model.imageShape];
  const length = shape.reduce((product, dimension) => product * dimension, 1);
  const values = Float32Array.from({ length }, (_, index) => ((index * 7 + round) % 11) / 11);
  const images: Tensor = tensor(values, shape);
  const node = graph.placeholder(`${name}_images`, "float32", shape);
  trace.bind(images, node);
  return { tensor: images, node };
}

function feedLabels({ model, graph, round }: TraceContext, trace: Trace, size: number) {
  const labels = tensor(Int32Array.from({ length: size }, (_, index) => (index + round) % model.classCount));
  const node = graph.placeholder(`train${size}_labels`, "int32", [size]);
  trace.bind(labels, node);
  return { tensor: labels, node };
}

/** Batch normalisation, for one, moves its averages while it is traced. */
function restoringVariables({ variables }: TracedModel, run: () => void): void {
  const before = variables.map(({ variable }) => ({ variable, dataId: variable.dataId, copy: clone(variable) }));
  try {
    run();
  } finally {
    for (const { variable, dataId, copy } of before) {
      if (variable.dataId !== dataId) variable.assign(clone(copy));
    }
    dispose(before.map(({ copy }) => copy));
  }
}
