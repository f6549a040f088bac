import type { ResolvedTrial } from "../src/plan/plan.ts";
import { planResidentImages } from "../src/plan/resident-images.ts";
import type { Batches, Epoch } from "./data/batches.ts";
import type { EngineModel, StepSeries } from "./engine/engine.ts";

/** Where a training is. */
export interface TrainingPlace {
  /** Optimizer steps done. */
  readonly step: number;
  /** The epoch's next batch, and how many it trains on. */
  readonly batch: number;
  readonly batchCount: number;
}

/** Trains several steps in one call, on images that the engine keeps, wherever as many full batches follow each other. */
export class SeriesTraining {
  private constructor(
    private readonly trial: ResolvedTrial,
    private readonly series: StepSeries,
    /** True class indices of all training images. */
    private readonly labels: Int32Array,
    private readonly stepCount: number,
  ) {}

  /**
   * Hands all training images to the engine.
   * @param stepCount steps of a call, at least 2
   * @returns why steps are done one by one, if they must be
   */
  static async prepare(
    trial: ResolvedTrial,
    model: EngineModel,
    batches: Batches,
    stepCount: number,
  ): Promise<SeriesTraining | { readonly refusal: string }> {
    const { series } = model;
    if (series === undefined) return { refusal: "the engine has no other way" };
    const planned = planResidentImages(trial, stepCount);
    if ("refusal" in planned) return planned;
    const { batchSize } = trial.training;
    const unprepared = series.prepare({ imageCount: batches.exampleCount, batchSize, stepCount });
    if (unprepared !== undefined) return { refusal: unprepared };
    const labels = new Int32Array(batches.exampleCount);
    for (let index = 0; index < batches.count; index++) {
      const batch = await batches.assemble(index);
      series.putImages(index * batchSize, batch);
      labels.set(batch.labels.subarray(0, batch.size), index * batchSize);
    }
    return new SeriesTraining(trial, series, labels, stepCount);
  }

  /** Whether a series may begin here: with full batches only, and no checkpoint due before it ends. */
  fits({ step, batch, batchCount }: TrainingPlace): boolean {
    const { stepCount, labels, trial } = this;
    const { batchSize, checkpoint } = trial.training;
    const end = batch + stepCount;
    const untilSaved =
      checkpoint.everySteps === undefined ? stepCount : checkpoint.everySteps - (step % checkpoint.everySteps);
    return end <= batchCount && end * batchSize <= labels.length && stepCount <= untilSaved && this.series.isReady();
  }

  /** @param learningRateAt learning rate of a step. @returns how many steps were done */
  train({ step, batch }: TrainingPlace, { order }: Epoch, learningRateAt: (step: number) => number): number {
    const { batchSize } = this.trial.training;
    const steps = Array.from({ length: this.stepCount }, (_, index) => {
      const start = (batch + index) * batchSize;
      const rows = Int32Array.from(order.subarray(start, start + batchSize));
      const labels = rows.map((row) => this.labels[row] ?? 0);
      return { rows, labels, step: step + index, learningRate: learningRateAt(step + index) };
    });
    this.series.train(steps);
    return steps.length;
  }
}
