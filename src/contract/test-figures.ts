/** Figures of a tested model. Those that are optional are absent from records of versions that didn't compute them. */
export interface TestFigures {
  /** Mean over the examples of what the model was trained to minimise. */
  readonly loss: number;
  /** Fraction classified right, 0…1. */
  readonly accuracy: number;
  /** Mean over the classes, 0…1. */
  readonly macroF1: number;
  /** Mean over the classes, weighted by their examples, 0…1. */
  readonly weightedF1?: number;
  /** -1…1. */
  readonly cohensKappa?: number;
  /** In nats, of clipped probabilities. */
  readonly logLoss?: number;
  /** 0…2. */
  readonly brierScore?: number;
  /** 15 bins of equal width, 0…1. */
  readonly expectedCalibrationError?: number;
  /** Top-k accuracy for k = 1, 2, …: as many as there are classes but one, at most 10. */
  readonly topKAccuracies?: readonly number[];
}
