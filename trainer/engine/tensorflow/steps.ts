import type { Batch, BatchSizes, ModelState, NamedTensor, SeriesPlan, SeriesStep } from "../engine.ts";
import { createLossFunction } from "../loss-function.ts";
import { writeVariables } from "../model-variables.ts";
import type { StepOptions } from "../weight-update.ts";
import type { TracedModel } from "./traced-model.ts";
import type { CompiledPool } from "./compiled-pool.ts";
import { CompiledSteps, type NetworkOutputs } from "./compiled-steps.ts";
import { computeEagerly, EagerSteps } from "./eager-steps.ts";
import { NotCompilable } from "./trace.ts";

/** How steps are computed. */
export interface StepComputing {
  /** Whether they are compiled where that is possible. */
  readonly compiles: boolean;
  /** Where compiled ones come from and go to; absent = they are made, and disposed of. */
  readonly pool?: CompiledPool;
}

/** A compiled loss may differ from the eager one by rounding only. */
const lossTolerance = 1e-3;

/** Steps and predictions of one model: compiled at first need, eager where that is not possible. */
export class Steps {
  private eager: EagerSteps | undefined;
  private compiled: CompiledSteps | undefined;
  /** Why steps are not compiled. */
  private refusal: string | undefined;
  /** Whether this model has prepared for a series: compiled steps that are taken over may have that of another one. */
  private hasSeries = false;

  constructor(
    private readonly model: TracedModel,
    private readonly computing: StepComputing,
    private readonly sizes: BatchSizes,
  ) {
    this.eager = new EagerSteps(model);
    if (!computing.compiles) this.refusal = "it was switched off";
  }

  /** `compiled`, or `eager: <why>`. */
  get mode(): string {
    return this.refusal === undefined ? "compiled" : `eager: ${this.refusal}`;
  }

  /**
   * One step.
   * @param shares share of each example in the mean loss, if the model says that they differ
   * @returns what it found before it changed the weights
   */
  train(batch: Batch, options: StepOptions, shares?: Float32Array): NetworkOutputs {
    const compiled = this.prepare("train", batch.size);
    if (compiled === undefined) return this.requireEager().train(batch, options, shares);
    if (compiled.checked.has(batch.size)) return compiled.train(batch, options, shares);
    return this.trainFirst(compiled, { batch, options, shares });
  }

  /** What the network gives with its weights, or with their averages. */
  predict(batch: Batch): NetworkOutputs {
    return (this.prepare("predict", batch.size) ?? this.requireEager()).predict(batch);
  }

  /** Prepares for steps in series, without any images. @returns why that is not possible */
  prepareSeries(plan: SeriesPlan): string | undefined {
    const compiled = this.prepare("train", plan.batchSize);
    if (compiled === undefined) return `steps are not compiled: ${this.refusal}`;
    try {
      compiled.prepareSeries(plan);
      this.hasSeries = true;
      return undefined;
    } catch (error) {
      if (!(error instanceof NotCompilable)) throw error;
      return `a series of steps is not compiled: ${error.message}`;
    }
  }

  /** The series that can be trained: one whose steps have been found right one by one. */
  get series(): SeriesPlan | undefined {
    const { series, checked } = this.compiled ?? {};
    return this.hasSeries && series !== undefined && checked?.has(series.batchSize) === true ? series : undefined;
  }

  putImages(start: number, batch: Batch): void {
    this.compiled?.putImages(start, batch);
  }

  /** @param steps each with the shares of its examples, if the model says that they differ */
  trainSeries(
    steps: readonly (SeriesStep & { readonly shares: Float32Array | undefined })[],
  ): readonly NetworkOutputs[] {
    if (this.compiled === undefined) throw new Error("no series was prepared");
    return this.compiled.trainSeries(steps);
  }

  readState(): { readonly weights: NamedTensor[]; readonly optimizer: NamedTensor[] } {
    return (this.compiled ?? this.requireEager()).readState();
  }

  writeState(state: ModelState): void {
    (this.compiled ?? this.requireEager()).writeState(state);
  }

  dispose(): void {
    if (this.compiled !== undefined) this.release(this.compiled);
    this.compiled = undefined;
    this.eager?.dispose();
  }

  /** The compiled steps, ready for batches of this size; undefined if they can't be compiled. */
  private prepare(kind: keyof BatchSizes, size: number): CompiledSteps | undefined {
    if (this.refusal !== undefined) return undefined;
    try {
      if (this.compiled === undefined) this.compile(kind, size);
      else if (!this.compiled.isPrepared(kind, size)) this.compiled.prepare(kind, size);
      return this.compiled;
    } catch (error) {
      if (!(error instanceof NotCompilable)) throw error;
      this.fallBack(error.message);
      return undefined;
    }
  }

  private compile(kind: keyof BatchSizes, size: number): void {
    const sizes = { ...this.sizes, [kind]: [...new Set([...this.sizes[kind], size])] };
    const state = this.requireEager().readState();
    this.compiled = this.computing.pool?.take(this.model, state) ?? new CompiledSteps(this.model, sizes, state);
    this.eager?.dispose();
    this.eager = undefined;
    if (!this.compiled.isPrepared(kind, size)) this.compiled.prepare(kind, size);
  }

  private release(compiled: CompiledSteps): void {
    const { pool } = this.computing;
    if (pool === undefined) compiled.dispose();
    else pool.giveBack(this.model, compiled);
  }

  /** The first step with a batch size also computes the loss operation by operation, and compares. */
  private trainFirst(
    compiled: CompiledSteps,
    { batch, options, shares }: { batch: Batch; options: StepOptions; shares: Float32Array | undefined },
  ): NetworkOutputs {
    const before = compiled.readState();
    writeVariables(this.model.variables, before.weights);
    if (this.model.learning !== undefined) this.model.learning.clock.step = options.step;
    const expected = this.meanLoss(computeEagerly(this.model, batch, { training: true }), batch);
    const outputs = compiled.train(batch, options, shares);
    const computed = this.meanLoss(outputs, batch);
    if (!isClose(computed, expected)) {
      this.fallBack(`its first loss was ${computed}, expected ${expected}`, before);
      return this.requireEager().train(batch, options, shares);
    }
    compiled.checked.add(batch.size);
    return outputs;
  }

  private meanLoss({ logits, penalty }: NetworkOutputs, { labels, size }: Batch): number {
    const { losses } = createLossFunction(this.model.loss)(logits, labels, logits.length / size);
    return losses.reduce((sum, loss) => sum + loss, 0) / size + penalty;
  }

  /** Goes on operation by operation, from a state or from where it is. */
  private fallBack(reason: string, state?: ModelState): void {
    this.refusal = reason;
    if (this.compiled === undefined) return;
    this.eager = new EagerSteps(this.model, state ?? this.compiled.readState());
    this.compiled.dispose();
    this.compiled = undefined;
  }

  private requireEager(): EagerSteps {
    if (this.eager === undefined) throw new Error("the model has been disposed of");
    return this.eager;
  }
}

function isClose(computed: number, expected: number): boolean {
  if (!Number.isFinite(expected)) return !Number.isFinite(computed);
  return Math.abs(computed - expected) <= lossTolerance * Math.max(1, Math.abs(expected));
}
