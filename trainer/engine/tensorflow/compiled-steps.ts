import type { Batch, BatchSizes, ModelState, NamedTensor, SeriesPlan, SeriesStep } from "../engine.ts";
import type { StepOptions } from "../weight-update.ts";
import { compileGraph, type CompiledGraph } from "./compile-graph.ts";
import { GraphSession, type Feed } from "./graph-session.ts";
import type { NativeValues } from "./native-backend.ts";
import type { PredictionSignature, TracedModel, TrainingSignature } from "./traced-model.ts";

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

  /**
   * Prepares for batches of another size; a series is given up, as its images are in the graph before.
   * @throws NotCompilable; then everything is as before
   */
  prepare(kind: keyof BatchSizes, size: number): void {
    this.recompile({ ...this.sizes, [kind]: [...this.sizes[kind], size] });
  }

  /** Prepares for steps in series, without any images. @throws NotCompilable; then everything is as before */
  prepareSeries(plan: SeriesPlan): void {
    if (!isSame(this.compiled.series?.plan, plan)) this.recompile(this.sizes, plan);
    this.compiled.series?.images.empty(this.session);
  }

  /** The series that is prepared for. */
  get series(): SeriesPlan | undefined {
    return this.compiled.series?.plan;
  }

  private recompile(sizes: BatchSizes, series?: SeriesPlan): void {
    const compiled = compileGraph(this.model, sizes, series);
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
    const feeds = [this.imagesOf(signature.images, batch), ...stepFeeds(signature, { ...options, labels, shares })];
    const [outputs] = this.fetch(feeds, [signature]);
    if (outputs === undefined) throw new Error("unreachable: one step was done");
    return outputs;
  }

  /** Hands over images of the series. @param start row of the first one */
  putImages(start: number, batch: Batch): void {
    this.compiled.series?.images.put(this.session, start, batch);
  }

  /**
   * A series of steps.
   * @param steps as many as were prepared for, each with the shares of its examples in the mean loss if they differ
   * @returns what each found before it changed the weights
   */
  trainSeries(steps: readonly (SeriesStep & Shares)[]): readonly NetworkOutputs[] {
    const signatures = this.compiled.series?.steps ?? [];
    if (steps.length !== signatures.length)
      throw new RangeError(`${steps.length} steps in a series of ${signatures.length}`);
    const feeds = signatures.flatMap((signature, index): Feed[] => {
      const step = steps[index];
      if (step === undefined) throw new Error("unreachable: there are as many");
      const rows: Feed = { node: signature.images, type: "int32", shape: [step.rows.length], values: step.rows };
      return [rows, ...stepFeeds(signature, step)];
    });
    return this.fetch(feeds, signatures);
  }

  /** What the network gives with its weights, or with their averages. */
  predict(batch: Batch): NetworkOutputs {
    const signature = this.compiled.prediction.get(batch.size);
    if (signature === undefined) throw new RangeError(`no prediction for ${batch.size} examples`);
    const [outputs] = this.fetch([this.imagesOf(signature.images, batch)], [signature]);
    if (outputs === undefined) throw new Error("unreachable: one prediction was made");
    return outputs;
  }

  /** Runs all that the outputs need in one call. */
  private fetch(
    feeds: readonly Feed[],
    signatures: readonly Pick<PredictionSignature, "logits" | "penalty">[],
  ): readonly NetworkOutputs[] {
    const outputs = signatures.flatMap(({ logits, penalty }) => (penalty === undefined ? [logits] : [logits, penalty]));
    const values = this.session.run(feeds, outputs)[Symbol.iterator]();
    return signatures.map(({ penalty }) => ({
      logits: asFloats(values.next().value),
      penalty: penalty === undefined ? 0 : (asFloats(values.next().value)[0] ?? 0),
    }));
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

/** Share of each example in the mean loss. */
interface Shares {
  readonly shares: Float32Array | undefined;
}

/** All that is given for a step besides its images. */
function stepFeeds(
  { labels, shares, numbers, stepInputs }: TrainingSignature,
  step: StepOptions & Shares & { readonly labels: Int32Array },
): Feed[] {
  return [
    { node: labels, type: "int32", shape: [step.labels.length], values: step.labels },
    ...sharesFeed(shares, step.shares),
    ...numbers.map(
      ({ node, valueAt }) => ({ node, type: "float32", shape: [], values: Float32Array.of(valueAt(step)) }) as const,
    ),
    ...stepInputs.map(
      ({ node, input }) => ({ node, type: "float32", shape: input.shape, values: input.valuesAt(step.step) }) as const,
    ),
  ];
}

function isSame(one: SeriesPlan | undefined, other: SeriesPlan): boolean {
  return one?.imageCount === other.imageCount && one.batchSize === other.batchSize && one.stepCount === other.stepCount;
}

function sharesFeed(node: string | undefined, values: Float32Array | undefined): Feed[] {
  if (node === undefined || values === undefined) return [];
  return [{ node, type: "float32", shape: [values.length, 1], values }];
}

function asFloats(values: NativeValues | undefined): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new TypeError("the session gave no float32 values");
}
