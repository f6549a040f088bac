import type { Batch, BatchSizes, ModelState, NamedTensor } from "../engine.ts";
import type { StepOptions } from "../weight-update.ts";
import { compileGraph, type CompiledGraph, type PredictionSignature, type TracedModel } from "./compile-graph.ts";
import { GraphSession, type Feed } from "./graph-session.ts";
import type { NativeValues } from "./native-backend.ts";

/** What a network gives for a batch. */
export interface NetworkOutputs {
  /** Shape [examples, outputs]. */
  readonly logits: Float32Array;
  /** What regularizers add to the loss. */
  readonly penalty: number;
}

/**
 * A model whose training steps and predictions are single calls into TensorFlow. Weights and optimizer slots live in the
 * session; a batch of a new size makes a larger graph, into which they are carried over.
 */
export class CompiledSteps {
  private compiled: CompiledGraph;
  private session: GraphSession;
  /** Sizes of batches whose first loss was found right. */
  readonly checked = new Set<number>();

  /** @throws NotCompilable */
  constructor(
    private model: TracedModel,
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

  /** Whether another model would be compiled to the same. */
  fits({ identity }: TracedModel): boolean {
    const own = this.model.identity;
    if (own === undefined || identity === undefined || own.key !== identity.key) return false;
    const draws = [...this.compiled.training.values()].some(({ stepInputs }) => stepInputs.length > 0);
    return !draws || own.seed === identity.seed;
  }

  /** Goes on as another model that fits, from a state of all its weights; slots that are not given start anew. */
  handOver(model: TracedModel, state: ModelState): this {
    this.model = model;
    this.writeState(state);
    return this;
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

  /** One step. @returns what it found before it changed the weights */
  train(batch: Batch, options: StepOptions, shares: Float32Array | undefined): NetworkOutputs {
    const signature = this.compiled.training.get(batch.size);
    if (signature === undefined) throw new RangeError(`no steps for ${batch.size} examples`);
    const labels = batch.labels.subarray(0, batch.size);
    const feeds: Feed[] = [
      this.imagesOf(signature.images, batch),
      { node: signature.labels, type: "int32", shape: [batch.size], values: labels },
      ...sharesFeed(signature.shares, shares),
      ...signature.numbers.map(
        ({ node, valueAt }) =>
          ({ node, type: "float32", shape: [], values: Float32Array.of(valueAt(options)) }) as const,
      ),
      ...signature.stepInputs.map(
        ({ node, input }) =>
          ({ node, type: "float32", shape: input.shape, values: input.valuesAt(options.step) }) as const,
      ),
    ];
    return this.fetch(feeds, signature);
  }

  /** What the network gives with its weights, or with their averages. */
  predict(batch: Batch): NetworkOutputs {
    const signature = this.compiled.prediction.get(batch.size);
    if (signature === undefined) throw new RangeError(`no prediction for ${batch.size} examples`);
    return this.fetch([this.imagesOf(signature.images, batch)], signature);
  }

  private fetch(feeds: readonly Feed[], { logits, penalty }: PredictionSignature): NetworkOutputs {
    const [logitValues, penaltyValues] = this.session.run(feeds, penalty === undefined ? [logits] : [logits, penalty]);
    return { logits: asFloats(logitValues), penalty: penalty === undefined ? 0 : (asFloats(penaltyValues)[0] ?? 0) };
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

function sharesFeed(node: string | undefined, values: Float32Array | undefined): Feed[] {
  if (node === undefined || values === undefined) return [];
  return [{ node, type: "float32", shape: [values.length, 1], values }];
}

function asFloats(values: NativeValues | undefined): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new TypeError("the session gave no float32 values");
}
