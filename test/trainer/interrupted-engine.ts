import type { Engine, Predictor, StepSeries } from "../../trainer/engine/engine.ts";

/** How an attempt is cut short while it computes. */
export interface Interruption {
  /** `stop`: asked to leave at a checkpoint; `crash`: ended without one. */
  readonly kind: "stop" | "crash";
  /** Number of training and evaluation batches that are still done. */
  readonly after: number;
}

/** An engine that computes as the given one, and interrupts after so many batches. */
export function interruptedEngine(engine: Engine, { after, kind }: Interruption, stop: AbortController): Engine {
  let batches = 0;
  return observedEngine(engine, () => {
    batches++;
    if (batches <= after) return;
    if (kind === "crash") throw new Error("the process was killed");
    stop.abort();
  });
}

function observedSeries(series: StepSeries, onBatch: () => void): StepSeries {
  return {
    ...series,
    train: (steps) => {
      onBatch();
      series.train(steps);
    },
  };
}

/** An engine that computes as the given one. @param onBatch called before each training and evaluation batch */
export function observedEngine(engine: Engine, onBatch: () => void): Engine {
  const counting = <Kind extends Predictor>(model: Kind): Kind => ({
    ...model,
    dispose: () => model.dispose(),
    predict: (batch) => {
      onBatch();
      return model.predict(batch);
    },
  });
  return {
    ...engine,
    loadModel: async (saved, loss) => counting(await engine.loadModel(saved, loss)),
    buildModel: (request) => {
      const model = engine.buildModel(request);
      return {
        ...counting<Predictor>(model),
        trainStep: (batch, options) => {
          onBatch();
          model.trainStep(batch, options);
        },
        ...(model.series && { series: observedSeries(model.series, onBatch) }),
        drainSteps: () => model.drainSteps(),
        readState: () => model.readState(),
        writeState: (state) => model.writeState(state),
        readEvaluatedWeights: () => model.readEvaluatedWeights(),
        save: (weights) => model.save(weights),
      };
    },
  };
}
