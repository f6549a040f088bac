import { vi } from "vitest";
import type { Engine, EngineModel, ModelRequest } from "../../../../trainer/engine/engine.ts";
import { GraphBuilder } from "../../../../trainer/engine/tensorflow/graph-def.ts";
import { GraphSession } from "../../../../trainer/engine/tensorflow/graph-session.ts";
import { caseBatch, type TrainingCase } from "../../../contracts/training-cases.ts";

/** A model of a case, with another learning rate in its rules too. */
export function build(engine: Engine, { request }: TrainingCase, learningRate: number, seed: number): EngineModel {
  const given: ModelRequest = { ...request, seed, optimizer: { ...request.optimizer, learningRate } };
  return engine.buildModel({ ...given, batchSizes: { train: [4, 2], predict: [4] } });
}

/** Everything that comes out of a short training, and of the saved model. */
export async function train(engine: Engine, each: TrainingCase, learningRate: number, seed: number) {
  const built = build(engine, each, learningRate, seed);
  for (let step = 0; step < 4; step++) {
    built.trainStep(caseBatch(each, step === 2 ? 2 : 4, step), { step, learningRate });
  }
  const batch = caseBatch(each, 4, 9);
  const loaded = await engine.loadModel(built.save(built.readEvaluatedWeights()), each.request.loss);
  const outcome = {
    figures: built.drainSteps(),
    state: built.readState(),
    predicted: built.predict(batch).probabilities.slice(),
    loaded: loaded.predict(batch).probabilities.slice(),
    mode: built.stepMode,
  };
  built.dispose();
  loaded.dispose();
  return outcome;
}

/** Counts the graphs that TensorFlow loads, and the sessions that it closes, from here on until mocks are restored. */
export function countSessions() {
  const opened = vi.spyOn(GraphBuilder.prototype, "encodeSavedModel");
  const closed = vi.spyOn(GraphSession.prototype, "dispose");
  return { opened: () => opened.mock.calls.length, closed: () => closed.mock.calls.length };
}
