import {
  type ClaimHolder,
  type Failure,
  type FromWorker,
  type ImagePrediction,
  isFailureKind,
  type MemoryUse,
  type Prediction,
  type Reevaluation,
  type TrialProgress,
} from "../contract/worker-messages.ts";

/**
 * Checks what came over a worker's IPC channel.
 * @returns the message, or undefined if it is none that a worker may send
 */
export function parseWorkerMessage(value: unknown): FromWorker | undefined {
  if (!isMap(value)) return undefined;
  const { type, trialIndex, attempt, progress, failure, holder, evaluation, predictions } = value;
  switch (type) {
    case "ready":
      return { type, ...(typeof value["notice"] === "string" && { notice: value["notice"] }) };
    case "memory":
      return isMemoryUse(value) ? { type, ...pickMemoryUse(value) } : undefined;
    case "progress":
      return isNumber(trialIndex) && isProgress(progress) ? { type, trialIndex, progress } : undefined;
    case "finished":
    case "checkpointed":
      return isNumber(trialIndex) && isNumber(attempt) ? { type, trialIndex, attempt } : undefined;
    case "failed":
      return isNumber(trialIndex) && isNumber(attempt) && isFailure(failure)
        ? { type, trialIndex, attempt, failure }
        : undefined;
    case "held":
    case "superseded":
      if (!isNumber(trialIndex) || !isNumber(attempt) || !(holder === undefined || isHolder(holder))) return undefined;
      return { type, trialIndex, attempt, ...(holder && { holder }) };
    case "evaluated":
      return isReevaluation(evaluation) ? { type, evaluation } : undefined;
    case "predicted":
      return isListOf(predictions, isPrediction) ? { type, predictions } : undefined;
    case "imagesPredicted":
      return isListOf(predictions, isImagePrediction) ? { type, predictions } : undefined;
    case "refused":
      return isFailure(failure) ? { type, failure } : undefined;
    default:
      return undefined;
  }
}

function isMemoryUse(value: object): value is MemoryUse {
  return ["rssBytes", "availableBytes", "totalBytes"].every((key) => isNumber(Reflect.get(value, key)));
}

function pickMemoryUse({ rssBytes, availableBytes, totalBytes }: MemoryUse): MemoryUse {
  return { rssBytes, availableBytes, totalBytes };
}

function isProgress(value: unknown): value is TrialProgress {
  if (!isMap(value)) return false;
  const { epoch, epochCount, step, stepCount, loss, accuracy, validationLoss, validationAccuracy, isEpochEnd } = value;
  const figures = [loss, accuracy, validationLoss, validationAccuracy];
  return (
    [epoch, epochCount, step, stepCount].every(isNumber) &&
    (isEpochEnd === undefined || isEpochEnd === true) &&
    figures.every((figure) => figure === undefined || isNumber(figure))
  );
}

function isFailure(value: unknown): value is Failure {
  return isMap(value) && typeof value["reason"] === "string" && isFailureKind(value["kind"]);
}

function isHolder(value: unknown): value is ClaimHolder {
  if (!isMap(value) || !isNumber(value["pid"])) return false;
  const texts = ["experiment", "runId", "session", "host", "space", "since", "lastSign"];
  return texts.every((name) => typeof value[name] === "string");
}

function isReevaluation(value: unknown): value is Reevaluation {
  if (!isMap(value)) return false;
  const { test, recorded, confusion, predictionsAreEqual } = value;
  return (
    isTestFigures(test) &&
    isTestFigures(recorded) &&
    isListOf(confusion, (row) => isListOf(row, isNumber)) &&
    typeof predictionsAreEqual === "boolean"
  );
}

function isTestFigures(value: unknown): boolean {
  return isMap(value) && [value["loss"], value["accuracy"], value["macroF1"]].every(isNumber);
}

function isPrediction(value: unknown): value is Prediction {
  if (!isMap(value)) return false;
  const { example, label, predicted, probabilities } = value;
  return [example, label, predicted].every(isNumber) && isListOf(probabilities, isNumber);
}

function isImagePrediction(value: unknown): value is ImagePrediction {
  if (!isMap(value) || typeof value["file"] !== "string") return false;
  return isNumber(value["predicted"]) && isListOf(value["probabilities"], isNumber);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[];
function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean;
function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
