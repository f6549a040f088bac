import { clone, dispose, tensor, tidy, type Scalar, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import type { GradientClipping } from "../../../src/spec/schema/optimizer.ts";
import type { Loss } from "../../../src/spec/schema/training.ts";
import type { StepClock, StepInput } from "../../model/dropout-layer.ts";
import { applyGraph, type LogitsGraph } from "../../model/logits-graph.ts";
import type { BatchSizes, SeriesPlan } from "../engine.ts";
import type { NamedVariable } from "../weight-update.ts";
import { GraphBuilder, type NodeReference } from "./graph-def.ts";
import { addWeightUpdates } from "./graph-update.ts";
import { assign, GraphVariables, readVariable, type VariableDeclaration } from "./graph-variables.ts";
import type { NativeBackend } from "./native-backend.ts";
import type { GraphKit } from "./operation-writer.ts";
import { ResidentImages } from "./resident-images.ts";
import { GraphNumbers, type LearningRules, type StepFeed } from "./step-numbers.ts";
import { NotCompilable, Trace } from "./trace.ts";
import { runTrainingPass, type TrainingOutcome } from "./training-pass.ts";

/** A model as tfjs runs it, which is to become a graph. */
export interface TracedModel {
  readonly backend: NativeBackend;
  /** What its graph may be made of. */
  readonly kit: GraphKit;
  /** The layers up to the logits. */
  readonly network: LogitsGraph;
  /** What regularizers add to the loss; gives undefined if there is none. */
  readonly penalty: () => Scalar | undefined;
  readonly loss: Loss;
  /** Shape of one image. */
  readonly imageShape: readonly number[];
  readonly variables: readonly VariableDeclaration[];
  /** What its graph depends on; absent = no other model takes over what was compiled for it. */
  readonly identity?: {
    /** Everything besides the seed, as text. */
    readonly key: string;
    /** What layers draw from; the graph does not depend on it, but the values that are given to it for each step do. */
    readonly seed: number;
  };
  /** What it takes to learn; absent = the model only predicts. */
  readonly learning?: {
    readonly trained: readonly NamedVariable[];
    readonly rules: LearningRules;
    readonly gradientClipping?: GradientClipping | undefined;
    /** Whether examples count differently. */
    readonly hasShares: boolean;
    readonly clock: StepClock;
  };
}

/** What goes into and comes out of one training step for batches of one size. */
export interface TrainingSignature {
  readonly images: NodeReference;
  readonly labels: NodeReference;
  /** Share of each example in the mean loss, shape [examples, 1]; absent = the same for all. */
  readonly shares: NodeReference | undefined;
  readonly numbers: readonly StepFeed[];
  readonly stepInputs: readonly { readonly node: NodeReference; readonly input: StepInput }[];
  /** Logits from before the step, shape [examples, outputs]; fetching them does the step. */
  readonly logits: NodeReference;
  /** What regularizers add to the loss before the step. */
  readonly penalty: NodeReference | undefined;
}

/** Several steps in one call. */
export interface SeriesSignature {
  readonly plan: SeriesPlan;
  readonly images: ResidentImages;
  /** In order; what stands for their images are the rows of these. */
  readonly steps: readonly TrainingSignature[];
}

/** What goes into and comes out of a prediction for batches of one size. */
export interface PredictionSignature {
  readonly images: NodeReference;
  readonly logits: NodeReference;
  readonly penalty: NodeReference | undefined;
}

/** A model as a graph: all that is computed with it, by size of batch, on the same variables. */
export interface CompiledGraph {
  readonly graph: GraphBuilder;
  readonly variables: GraphVariables;
  readonly training: ReadonlyMap<number, TrainingSignature>;
  readonly prediction: ReadonlyMap<number, PredictionSignature>;
  readonly series: SeriesSignature | undefined;
}

/**
 * Traces a model for some batch sizes.
 *
 * Whatever a layer makes in JavaScript and does not get from the `StepClock` would stay the same for ever. So everything is
 * traced twice, with other images, labels and steps, and both graphs must be equal to the byte.
 * @param series several steps that are to be done in one call
 * @throws NotCompilable if they aren't, or if something can't be expressed in a graph
 */
export function compileGraph(model: TracedModel, sizes: BatchSizes, series?: SeriesPlan): CompiledGraph {
  const first = traceModel(model, { sizes, series }, 0);
  const second = traceModel(model, { sizes, series }, 1);
  if (!first.graph.encode().equals(second.graph.encode())) {
    throw new NotCompilable("two traces of it differ: a layer makes values in JavaScript");
  }
  return first;
}

function traceModel(
  model: TracedModel,
  { sizes, series }: { readonly sizes: BatchSizes; readonly series: SeriesPlan | undefined },
  round: number,
): CompiledGraph {
  const graph = new GraphBuilder();
  const variables = new GraphVariables(graph, model.variables);
  const context = { model, graph, variables, round };
  const traceEach = <Signature>(name: string, each: readonly number[], trace: (size: number) => Signature) =>
    new Map(each.map((size) => [size, graph.within(`${name}${size}`, () => trace(size))]));
  return {
    graph,
    variables,
    training: traceEach("train", sizes.train, (size) => traceTraining(context, size).signature),
    prediction: traceEach("predict", sizes.predict, (size) => tracePrediction(context, size)),
    series: series && graph.within("series", () => traceSeries(context, series)),
  };
}

interface TraceContext {
  readonly model: TracedModel;
  readonly graph: GraphBuilder;
  readonly variables: GraphVariables;
  /** 0 or 1: which of the two traces. */
  readonly round: number;
}

/** The steps one after another: each reads weights, slots and images when all that the one before changes is changed. */
function traceSeries(context: TraceContext, plan: SeriesPlan): SeriesSignature {
  const { graph, model } = context;
  const images = new ResidentImages(graph, plan, model.imageShape);
  const steps: TrainingSignature[] = [];
  let before: readonly NodeReference[] = [];
  for (let step = 0; step < plan.stepCount; step++) {
    const traced = graph.within(`step${step}`, () => traceTraining(context, plan.batchSize, { images, before }));
    steps.push(traced.signature);
    before = traced.changes;
  }
  return { plan, images, steps };
}

/** What a step of a series has that a single one has not. */
interface SeriesPlace {
  readonly images: ResidentImages;
  /** What must have happened before it begins. */
  readonly before: readonly NodeReference[];
}

interface TracedTraining {
  readonly signature: TrainingSignature;
  /** What is done when the step is done. */
  readonly changes: readonly NodeReference[];
}

function traceTraining(context: TraceContext, size: number, place?: SeriesPlace): TracedTraining {
  const { model, graph } = context;
  const before = place?.before ?? [];
  const { trace, reads } = startTrace(context, "weight", before);
  const numbers = new GraphNumbers(graph, trace, learningOf(model).rules);
  const signatures: TracedTraining[] = [];
  restoringVariables(model, () =>
    tidy(() => {
      const images = feedImages(context, trace, size, place);
      const labels = feedLabels(context, trace, size);
      const shares = learningOf(model).hasShares ? feedShares(context, trace, size) : undefined;
      const given = { images: images.tensor, labels: labels.tensor, shares: shares?.tensor };
      const { outcome, stepInputs } = recordPass(context, trace, given);
      const changes = addChanges(context, trace, { outcome, numbers, before, reads: [...reads.values()] });
      const logits = graph.identity(trace.nodeOf(outcome.logits), { after: changes, name: "logits" });
      const penalty = outcome.penalty && trace.nodeOf(outcome.penalty);
      dispose([outcome.logits, ...(outcome.penalty ? [outcome.penalty] : [])]);
      const inputs = { images: images.node, labels: labels.node, shares: shares?.node, numbers: numbers.feeds() };
      signatures.push({ signature: { ...inputs, stepInputs, logits, penalty }, changes });
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
  given: { readonly images: Tensor; readonly labels: Tensor; readonly shares: Tensor | undefined },
): { readonly outcome: TrainingOutcome; readonly stepInputs: TrainingSignature["stepInputs"] } {
  const { trained, gradientClipping, clock } = learningOf(model);
  const stepInputs: { node: NodeReference; input: StepInput }[] = [];
  clock.step = round;
  clock.stepInput = (input) => {
    const node = graph.placeholder(`input${stepInputs.length}`, "float32", input.shape);
    const values = tensor(input.valuesAt(clock.step), [...input.shape]);
    trace.bind(values, node);
    stepInputs.push({ node, input });
    return values;
  };
  try {
    const { network, penalty, loss } = model;
    const variables = trained.map(({ variable }) => variable);
    const pass = { network, penalty, loss, gradientClipping, trained: variables, ...given };
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
    readonly numbers: GraphNumbers;
    readonly before: readonly NodeReference[];
    readonly reads: readonly NodeReference[];
  },
): NodeReference[] {
  const { trained, rules } = learningOf(model);
  const { outcome, numbers, before, reads: after } = step;
  const resourcesOf = (variable: Variable) => {
    const resources = variables.resourcesOf(variable);
    if (resources === undefined)
      throw new NotCompilable(`it changes the variable ${variable.name}, which is no weight`);
    return resources;
  };
  const assigned = trace.assignments();
  const updated = trained.map(({ name, variable }) => {
    const gradient = outcome.gradients[variable.name];
    if (gradient === undefined) throw new Error(`there is no gradient for ${name}`);
    return { name, variable, gradient, resources: resourcesOf(variable) };
  });
  const updates = addWeightUpdates({ graph, trace, numbers, kit: model.kit, rules, before, after }, updated);
  const assignments = assigned.map(({ variable, node }) => assign(graph, resourcesOf(variable).weight, node, after));
  return [...updates, ...assignments];
}

function learningOf({ learning }: TracedModel): NonNullable<TracedModel["learning"]> {
  if (learning === undefined) throw new Error("the model only predicts");
  return learning;
}

function tracePrediction(context: TraceContext, size: number): PredictionSignature {
  const { graph, model } = context;
  const { trace } = startTrace(context, "average");
  return tidy(() => {
    const images = feedImages(context, trace, size);
    const output = trace.record(() => applyGraph(model.network, images.tensor, { training: false }));
    const logits = graph.identity(trace.nodeOf(output), { name: "logits" });
    const penalty = trace.record(model.penalty);
    return { images: images.node, logits, penalty: penalty && trace.nodeOf(penalty) };
  });
}

/** A trace that reads every weight once, or its average if it has one. */
function startTrace(
  { model, graph, variables }: TraceContext,
  of: "weight" | "average",
  before: readonly NodeReference[] = [],
): {
  readonly trace: Trace;
  readonly reads: ReadonlyMap<Variable, NodeReference>;
} {
  const reads = new Map<Variable, NodeReference>();
  const read = (variable: Variable): NodeReference | undefined => {
    const resources = variables.resourcesOf(variable);
    if (resources === undefined) return undefined;
    const resource = (of === "average" ? resources.average : undefined) ?? resources.weight;
    const node = reads.get(variable) ?? readVariable(graph, resource, before);
    reads.set(variable, node);
    return node;
  };
  const all = model.variables.map(({ variable }) => variable);
  return { trace: new Trace(model.backend, graph, { readVariable: read, variables: all, kit: model.kit }), reads };
}

/** Made-up images; which ones does not matter, but they must differ between the two rounds. */
function feedImages({ model, graph, round }: TraceContext, trace: Trace, size: number, place?: SeriesPlace) {
  const shape = [size, ...model.imageShape];
  const length = shape.reduce((product, dimension) => product * dimension, 1);
  const values = new Float32Array(length).map((_, index) => ((index * 7 + round) % 11) / 11);
  const images: Tensor = tensor(values, shape);
  const node =
    place === undefined ? graph.placeholder("images", "float32", shape) : graph.placeholder("rows", "int32", [size]);
  trace.bind(images, place === undefined ? node : place.images.gather(node, place.before));
  return { tensor: images, node };
}

function feedLabels({ graph, round }: TraceContext, trace: Trace, size: number) {
  const labels = tensor(Int32Array.from({ length: size }, (_, index) => (index + round) % 2));
  const node = graph.placeholder("labels", "int32", [size]);
  trace.bind(labels, node);
  return { tensor: labels, node };
}

function feedShares({ graph, round }: TraceContext, trace: Trace, size: number) {
  const shares = tensor(
    Float32Array.from({ length: size }, (_, index) => (1 + ((index + round) % 2)) / size),
    [size, 1],
  );
  const node = graph.placeholder("shares", "float32", [size, 1]);
  trace.bind(shares, node);
  return { tensor: shares, node };
}

/** Batch normalisation, for one, moves its averages while it is traced. */
function restoringVariables({ variables }: TracedModel, run: () => void): void {
  const before = variables.map(({ variable }) => ({ variable, dataId: variable.dataId, copy: clone(variable) }));
  try {
    run();
  } finally {
    for (const { variable, dataId, copy } of before) {
      if (variable.dataId !== dataId) variable.assign(copy);
    }
    dispose(before.map(({ copy }) => copy));
  }
}
