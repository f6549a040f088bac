import type { TinySections } from "./tiny-run.ts";

const cadence = "epochs: 3, batchSize: 9, checkpoint: {everySteps: 2}";
const network =
  "[{conv2d: {filters: 3, kernelSize: 3, activation: relu}}, {maxPooling2d: {}}, flatten, {dropout: {rate: 0.2}}, {dense: {units: 4, activation: softmax}}]";

/** Every optimizer and every schedule at least once. */
const schedules: Readonly<Record<string, string>> = {
  "plain descent after a warm-up":
    "optimizer: {type: sgd, learningRate: 0.05}, learningRateSchedule: {type: constant, warmup: {steps: 3}}",
  "momentum and a step schedule":
    "optimizer: {type: sgd, momentum: 0.9}, learningRateSchedule: {type: step, everySteps: 2, factor: 0.5}",
  "Nesterov's momentum and milestones":
    "optimizer: {type: sgd, momentum: 0.9, nesterov: true}, learningRateSchedule: {type: multiStep, steps: [3, 7], factor: 0.5}",
  "adam and a cosine with restarts":
    "optimizer: {type: adam}, learningRateSchedule: {type: cosine, restarts: {firstSteps: 4}}",
  "adam with amsgrad and a list":
    "optimizer: {type: adam, amsgrad: true}, learningRateSchedule: {type: list, values: [0.02, 0.01]}",
  "adagrad and an exponential schedule":
    "optimizer: {type: adagrad}, learningRateSchedule: {type: exponential, decayRate: 0.5, everySteps: 3}",
};

/** Trainings that remember something beyond a step: averages, moving statistics, patience, positions of random streams. */
export const interruptedSections: Readonly<Record<string, TinySections>> = {
  ...Object.fromEntries(
    Object.entries(schedules).map(([name, rule]) => [name, { model: network, training: `{${cadence}, ${rule}}` }]),
  ),
  "batch normalisation, noise, augmentation, averages and adamw": {
    model:
      "[{conv2d: {filters: 3, kernelSize: 3}}, batchNormalization, {activation: {activation: relu}}, {gaussianNoise: {stddev: 0.1}}, {spatialDropout2d: {rate: 0.2}}, flatten, {dense: {units: 4, activation: softmax, kernelRegularizer: {l2: 0.01}}}]",
    training: `{${cadence}, optimizer: {type: adamw, learningRate: 0.01}, ema: {decay: 0.9}, gradientClipping: {globalNorm: 1}, classWeights: balanced}`,
    data: { augment: "[{flip: horizontal}]" },
  },
  "early stopping, a plateau and rmsprop": {
    training:
      "{epochs: 6, batchSize: 9, optimizer: {type: rmsprop, learningRate: 0.02, momentum: 0.5, centered: true}, earlyStopping: {patience: 1, restoreBest: true}, learningRateSchedule: {type: reduceOnPlateau, monitor: trainLoss, patience: 1, factor: 0.5, minDelta: 1}, checkpoint: {everySteps: 2}}",
  },
};
