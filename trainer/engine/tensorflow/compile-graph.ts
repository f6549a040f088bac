import type { BatchSizes, SeriesPlan } from "../engine.ts";
import { GraphBuilder, type NodeReference } from "./graph-def.ts";
import { GraphVariables } from "./graph-variables.ts";
import { ResidentImages } from "./resident-images.ts";
import { NotCompilable } from "./trace.ts";
import { tracePrediction, traceTraining, type TraceContext } from "./trace-step.ts";
import type { PredictionSignature, SeriesSignature, TracedModel, TrainingSignature } from "./traced-model.ts";

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
