import { describe, test } from "vitest";
import { expectMistake, type Mistake } from "./expect-mistake.ts";

/** One field of a training of 5 epochs. */
const training = (text: string) => `training:\n  epochs: 5\n  ${text}`;

const mistakes: Readonly<Record<string, readonly Mistake[]>> = {
  "optimizers and clipping": [
    [
      "a parameter of another optimizer",
      "training",
      training("optimizer: { type: adagrad, ▶rho: 0.9 }"),
      "training.optimizer.rho",
      'unknown key "rho", expected one of type, learningRate, initialAccumulatorValue, epsilon',
      "`rho` goes with `type: rmsprop`; remove it or change the type",
    ],
    [
      "a kind of weight that does not exist",
      "training",
      training("optimizer: { type: adamw, excludeFromWeightDecay: [▶biases] }"),
      "training.optimizer.excludeFromWeightDecay[0]",
      'got "biases" (string), expected one of bias, normalization',
      "did you mean `bias`?",
    ],
    [
      "Keras' name of a way to clip",
      "training",
      training("gradientClipping: { ▶clipnorm: 1 }"),
      "training.gradientClipping.clipnorm",
      'unknown key "clipnorm", expected one of value, norm, globalNorm',
      "did you mean `norm`?",
    ],
    [
      "two ways to clip",
      "training",
      training("gradientClipping: ▶{ norm: 1, value: 0.5 }"),
      "training.gradientClipping",
      "expected exactly one of `value`, `norm` and `globalNorm`",
      "give only one of them, e.g. `globalNorm: 1`",
    ],
    [
      "a limit of 0",
      "training",
      training("gradientClipping: { norm: ▶0 }"),
      "training.gradientClipping.norm",
      "got 0 (number), expected a number > 0",
      "write e.g. `norm: 1`",
    ],
  ],
  "losses and class weights": [
    [
      "an unknown loss",
      "training",
      training("loss: ▶binaryCrossEntropie"),
      "training.loss",
      'got "binaryCrossEntropie" (string), expected one of sparseCategoricalCrossentropy, categoricalCrossentropy, binaryCrossentropy, meanSquaredError or a map (keys: type, fromLogits, labelSmoothing, allowSoftmaxOutput)',
      "did you mean `binaryCrossentropy`?",
    ],
    [
      "all of the label smoothed away",
      "training",
      training("loss: { type: categoricalCrossentropy, labelSmoothing: ▶1 }"),
      "training.loss.labelSmoothing",
      "got 1 (number), expected a number ≥ 0 and < 1",
      "write e.g. `labelSmoothing: 0.1`",
    ],
    [
      "label smoothing of squared errors",
      "training",
      training("loss: { type: meanSquaredError, labelSmoothing: ▶0.1 }"),
      "training.loss.labelSmoothing",
      "got `labelSmoothing` with meanSquaredError; only the cross-entropies smooth labels",
      "remove `labelSmoothing`, or use `type: categoricalCrossentropy`",
    ],
    [
      "an allowed softmax without logits",
      "training",
      training("loss: { type: categoricalCrossentropy, allowSoftmaxOutput: ▶true }"),
      "training.loss.allowSoftmaxOutput",
      "got `allowSoftmaxOutput: true` without `fromLogits: true`; a loss from probabilities expects a softmax anyway",
      "remove `allowSoftmaxOutput`, or add `fromLogits: true`",
    ],
    [
      "a negative class weight",
      "training",
      training("classWeights: { 3: ▶-1 }"),
      "training.classWeights.3",
      "got -1 (number), expected a number ≥ 0",
      'write e.g. `"3": 1`',
    ],
  ],
  schedules: [
    [
      "both units of a step schedule",
      "training",
      training("learningRateSchedule: ▶{ type: step, everyEpochs: 2, everySteps: 100 }"),
      "training.learningRateSchedule",
      "expected exactly one of `everyEpochs` and `everySteps`",
      "give only one of them, e.g. `everyEpochs: 10`",
    ],
    [
      "no unit of an exponential schedule",
      "training",
      training("learningRateSchedule: ▶{ type: exponential, decayRate: 0.9 }"),
      "training.learningRateSchedule",
      "expected exactly one of `everyEpochs` and `everySteps`",
      "give only one of them, e.g. `everyEpochs: 1`",
    ],
    [
      "milestones that fall",
      "training",
      training("learningRateSchedule: { type: multiStep, epochs: ▶[3, 2] }"),
      "training.learningRateSchedule.epochs",
      "got numbers that don't rise, expected each one above the one before",
      "write them in ascending order, each once, e.g. `[30, 60, 80]`",
    ],
    [
      "a warm-up without a length",
      "training",
      training("learningRateSchedule: { type: cosine, warmup: ▶{ from: 0.01 } }"),
      "training.learningRateSchedule.warmup",
      "expected exactly one of `epochs` and `steps`",
      "give only one of them, e.g. `epochs: 1`",
    ],
    [
      "cycles that get shorter",
      "training",
      training("learningRateSchedule: { type: cosine, restarts: { firstEpochs: 2, multiplier: ▶0.5 } }"),
      "training.learningRateSchedule.restarts.multiplier",
      "got 0.5 (number), expected a number ≥ 1",
      "write e.g. `multiplier: 2`",
    ],
    [
      "a test figure as what is watched",
      "training",
      training("learningRateSchedule: { type: reduceOnPlateau, monitor: ▶testLoss }"),
      "training.learningRateSchedule.monitor",
      'got "testLoss" (string), expected one of validationLoss, validationAccuracy, trainLoss, trainAccuracy',
      "write e.g. `monitor: validationLoss`",
    ],
  ],
  "early stopping and averages": [
    [
      "two fields that choose the saved weights",
      "training",
      training("earlyStopping: { patience: 2, restoreBest: true }\n  keepBest: ▶validationLoss"),
      "training.keepBest",
      "got `keepBest` and `earlyStopping.restoreBest: true`; both choose the epoch whose weights are saved",
      "remove `keepBest`, or remove `restoreBest`",
    ],
    [
      "an average that never moves",
      "training",
      training("ema: { decay: ▶1 }"),
      "training.ema.decay",
      "got 1 (number), expected a number > 0 and < 1",
      "write e.g. `decay: 0.999`",
    ],
  ],
};

describe.each(Object.entries(mistakes))("%s", (_, ofKind) => {
  test.each(ofKind)("%s", (_name, ...mistake) => expectMistake(mistake));
});
