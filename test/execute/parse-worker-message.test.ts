import { expect, test } from "vitest";
import type { FromWorker } from "../../src/contract/worker-messages.ts";
import { parseWorkerMessage } from "../../src/execute/parse-worker-message.ts";

const failure = { kind: "diverged", reason: "the loss became NaN" } as const;
const figures = { loss: 0.1, accuracy: 0.98, macroF1: 0.97 };

const messages: readonly FromWorker[] = [
  { type: "ready" },
  { type: "progress", trialIndex: 1, progress: { epoch: 1, epochCount: 2, step: 3, stepCount: 4 } },
  { type: "progress", trialIndex: 1, progress: { epoch: 1, epochCount: 2, step: 3, stepCount: 4, loss: Number.NaN } },
  { type: "finished", trialIndex: 1, attempt: 2 },
  { type: "checkpointed", trialIndex: 1, attempt: 2 },
  { type: "failed", trialIndex: 1, attempt: 2, failure },
  { type: "refused", failure },
  { type: "predicted", predictions: [{ example: 0, label: 7, predicted: 7, probabilities: [0.5, 0.5] }] },
  {
    type: "evaluated",
    evaluation: { test: figures, recorded: figures, confusion: [[1]], predictionsAreEqual: true },
  },
];

test.each(messages)("$type is understood", (message) => {
  expect(parseWorkerMessage(message)).toEqual(message);
});

const nonsense: readonly unknown[] = [
  undefined,
  null,
  "ready",
  {},
  { type: "hello" },
  { type: "progress", trialIndex: 1 },
  { type: "progress", trialIndex: 1, progress: { epoch: 1, epochCount: 2, step: 3 } },
  { type: "progress", trialIndex: 1, progress: { epoch: 1, epochCount: 2, step: 3, stepCount: 4, loss: null } },
  { type: "finished", trialIndex: "1", attempt: 2 },
  { type: "checkpointed", trialIndex: 1 },
  { type: "failed", trialIndex: 1, attempt: 2, failure: { kind: "tired", reason: "" } },
  { type: "refused", failure: { kind: "bug" } },
  { type: "predicted", predictions: [{ example: 0, label: 7, predicted: 7, probabilities: "all" }] },
  { type: "predicted", predictions: { length: 0 } },
  { type: "evaluated", evaluation: { test: figures, recorded: {}, confusion: [[1]], predictionsAreEqual: true } },
  { type: "evaluated", evaluation: { test: figures, recorded: figures, confusion: [1], predictionsAreEqual: true } },
];

test.each(nonsense.map((value) => [value]))("%j is no message", (value) => {
  expect(parseWorkerMessage(value)).toBeUndefined();
});
