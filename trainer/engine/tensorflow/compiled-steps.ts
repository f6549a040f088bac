import type { Batch, BatchSizes, ModelState, NamedTensor } from "../engine.ts";
import { compileGraph, type CompiledGraph, type TracedModel } from "./compile-graph.ts";
import { GraphSession } from "./graph-session.ts";
import type { NativeValues } from "./native-backend.ts";
import { fedStepSize } from "./optimizer-nodes.ts";

/**
 * A model whose training steps and predictions are single calls into TensorFlow. Weights and optimizer slots live in the
 * session; a batch of a new size makes a larger graph, into which they are carried over.
 */
export class CompiledSteps {
  private compiled: CompiledGraph;
  private session: GraphSession;

  /** @throws NotCompilable */
  constructor(
    private readonly model: TracedModel,
    private sizes: BatchSizes,
    state: ModelState,
  ) {
    this.compiled = compileGraph(model, sizes);
    this.session = new GraphSession(model.backend.binding, this.compiled.graph);
    this.writeState(state);
  }

  /** Whether batches of this size have been trained on or prepared for. */
  isPrepared(kind: keyof BatchSizes, size: number): boolean {
    return this.sizes[kind].includes(size);
  }

  /** Prepares for batches of another size. @throws NotCompilable; then everything is as before */
  prepare(kind: keyof BatchSizes, size: number): void {
    const sizes = { ...this.sizes, [kind]: [...this.sizes[kind], size] };
    const compiled = compileGraph(this.model, sizes);
    const session = new GraphSession(this.model.backend.binding, compiled.graph);
    const state = this.readState();
    this.session.dispose();
    Object.assign(this, { sizes, compiled, session });
    this.writeState(state);
  }

  /** One step. @returns the logits from before it, shape [examples, classes] */
  train(batch: Batch, options: { readonly step: number; readonly learningRate: number }): Float32Array {
    const { learning } = this.model;
    const signature = this.compiled.training.get(batch.size);
    if (signature === undefined || learning === undefined) throw new RangeError(`no steps for ${batch.size} examples`);
    const stepSize = Float32Array.of(fedStepSize(learning.optimizer, options));
    const feeds = [
      this.imagesOf(signature.images, batch),
      {
        node: signature.labels,
        type: "int32",
        shape: [batch.size],
        values: batch.labels.subarray(0, batch.size),
      } as const,
      { node: signature.stepSize, type: "float32", shape: [], values: stepSize } as const,
      ...signature.stepInputs.map(
        ({ node, input }) =>
          ({ node, type: "float32", shape: input.shape, values: input.valuesAt(options.step) }) as const,
      ),
    ];
    return asFloats(this.session.run(feeds, [signature.logits]));
  }

  /** @returns logits, shape [examples, classes] */
  predict(batch: Batch): Float32Array {
    const signature = this.compiled.prediction.get(batch.size);
    if (signature === undefined) throw new RangeError(`no prediction for ${batch.size} examples`);
    return asFloats(this.session.run([this.imagesOf(signature.images, batch)], [signature.logits]));
  }

  readState(): { readonly weights: NamedTensor[]; readonly optimizer: NamedTensor[] } {
    return this.compiled.variables.readState(this.session);
  }

  writeState({ weights, optimizer }: ModelState): void {
    this.compiled.variables.writeState(this.session, [...weights, ...optimizer]);
  }

  dispose(): void {
    this.session.dispose();
  }

  private imagesOf(node: string, batch: Batch) {
    const shape = [batch.size, ...this.model.imageShape];
    const length = shape.reduce((product, dimension) => product * dimension, 1);
    return { node, type: "float32", shape, values: batch.images.subarray(0, length) } as const;
  }
}

function asFloats([values]: readonly NativeValues[]): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new TypeError("the session gave no float32 values");
}
