import { clone, dispose, tensor, tidy, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import type { StepInput } from "../../model/dropout-layer.ts";
import { applyGraph } from "../../model/logits-graph.ts";
import type { GraphBuilder, NodeReference } from "./graph-def.ts";
import { addWeightUpdates } from "./graph-update.ts";
import { assign, type GraphVariables, readVariable } from "./graph-variables.ts";
import type { ResidentImages } from "./resident-images.ts";
import { GraphNumbers } from "./step-numbers.ts";
import { NotCompilable, Trace } from "./trace.ts";
import type { PredictionSignature, TracedModel, TrainingSignature } from "./traced-model.ts";
import { runTrainingPass, type TrainingOutcome } from "./training-pass.ts";

/** What models are traced into. */
export interface TraceContext {
  readonly model: TracedModel;
  readonly graph: GraphBuilder;
  readonly variables: GraphVariables;
  /** 0 or 1: which of the two traces. */
  readonly round: number;
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

/** Adds a training step for batches of one size. */
export function traceTraining(context: TraceContext, size: number, place?: SeriesPlace): TracedTraining {
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

/** Adds a prediction for batches of one size, with the weights or their averages. */
export function tracePrediction(context: TraceContext, size: number): PredictionSignature {
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

function learningOf({ learning }: TracedModel): NonNullable<TracedModel["learning"]> {
  if (learning === undefined) throw new Error("the model only predicts");
  return learning;
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
