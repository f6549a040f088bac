import type { ExperimentIssue } from "../spec/issue.ts";
import type { Training } from "../spec/schema/training.ts";
import { checkMonitors } from "./check-monitors.ts";
import { checkSchedule } from "./check-schedule.ts";
import { checkClassWeights } from "./class-weights.ts";
import { type Budget, computeBudget } from "./estimate.ts";
import type { PlannedData } from "./plan.ts";
import { formatCount } from "./shape.ts";

/** Steps are counted in signed 32-bit integers. */
const maxStepCount = 2 ** 31 - 1;

/** What is wrong with a training on the examples it gets. */
export function checkTraining(training: Training, data: PlannedData): readonly ExperimentIssue[] {
  const budget = computeBudget(training, data.trainCount);
  return [
    checkBatchSize(training, data),
    ...checkMonitors(training, data, budget),
    ...checkClassWeights(training.classWeights, data.dataset),
    checkStepCount(training, budget),
    ...checkSchedule(training, budget),
    ...checkCheckpoint(training, budget),
  ].filter((issue) => issue !== undefined);
}

function checkBatchSize({ batchSize }: Training, { trainCount, validationCount }: PlannedData) {
  if (batchSize <= trainCount) return undefined;
  const heldOut = validationCount > 0 ? ` (${formatCount(validationCount)} are held out for validation)` : "";
  return {
    code: "batch-too-large",
    path: ["training", "batchSize"],
    message: `got ${formatCount(batchSize)}, but there are only ${formatCount(trainCount)} examples to learn from${heldOut}`,
    fix: `use at most ${trainCount}`,
  } satisfies ExperimentIssue;
}

function checkStepCount({ steps }: Training, { stepCount, stepsPerEpoch }: Budget) {
  if (stepCount <= maxStepCount) return undefined;
  const inEpochs = steps === undefined ? ` (${formatCount(stepsPerEpoch)} an epoch)` : "";
  return {
    code: "budget-too-large",
    path: ["training", steps === undefined ? "epochs" : "steps"],
    message: `the training would take ${formatCount(stepCount)} steps${inEpochs}; at most ${formatCount(maxStepCount)} are possible`,
    fix: "train for fewer epochs or steps",
  } satisfies ExperimentIssue;
}

/** How many there are depends on how fast a machine is: nobody could say how much room all of them take. */
function checkKeptBySeconds({ everySeconds, keep }: Training["checkpoint"]): readonly ExperimentIssue[] {
  if (everySeconds === undefined || keep !== "all") return [];
  return [
    {
      code: "checkpoints-without-number",
      path: ["training", "checkpoint", "keep"],
      message: "all checkpoints are to be kept, but with `everySeconds` nobody knows how many there will be",
      fix: "keep the newest n, e.g. keep: 5, or use everyEpochs or everySteps",
    },
  ];
}

function checkCheckpoint({ checkpoint }: Training, { epochCount, stepCount }: Budget): readonly ExperimentIssue[] {
  const check = (key: "everyEpochs" | "everySteps", length: number, unit: string): readonly ExperimentIssue[] => {
    const cadence = checkpoint[key];
    if (cadence === undefined || cadence <= length) return [];
    return [
      {
        code: "checkpoint-without-effect",
        path: ["training", "checkpoint", key],
        message: `a checkpoint after every ${formatCount(cadence)} ${unit}s is never written: the training has ${formatCount(length)} ${unit}${length === 1 ? "" : "s"}`,
        fix: `use at most ${length}`,
      },
    ];
  };
  return [
    ...check("everyEpochs", epochCount, "epoch"),
    ...check("everySteps", stepCount, "step"),
    ...checkKeptBySeconds(checkpoint),
  ];
}
