import type { ExperimentIssue } from "../spec/issue.ts";
import type { LearningRateSchedule, Training } from "../spec/schema/training.ts";
import type { Budget } from "./estimate.ts";
import { warmupStepsOf } from "./learning-rate.ts";
import { formatCount } from "./shape.ts";

/** A length of training in epochs or in steps. */
interface Length {
  readonly count: number;
  readonly unit: "epoch" | "step";
}

/** What is wrong with a learning-rate schedule on a training of this length. */
export function checkSchedule(training: Training, budget: Budget): readonly ExperimentIssue[] {
  const { learningRateSchedule: schedule, optimizer } = training;
  const warmup = checkWarmup(schedule, budget);
  if (warmup !== undefined) return [warmup];
  // The schedule only begins after the warm-up.
  const steps = budget.stepCount - warmupStepsOf(schedule, budget.stepsPerEpoch);
  const left = { steps, epochs: Math.ceil(steps / budget.stepsPerEpoch), isRest: steps < budget.stepCount };
  const issues = [...checkLength(schedule, left), checkMinimum(schedule, optimizer.learningRate)];
  return issues.filter((issue) => issue !== undefined);
}

function checkWarmup(schedule: LearningRateSchedule, budget: Budget): ExperimentIssue | undefined {
  const { warmup } = schedule;
  if (warmup === undefined || warmupStepsOf(schedule, budget.stepsPerEpoch) < budget.stepCount) return undefined;
  const [key, given, length]: ["steps" | "epochs", number, Length] =
    warmup.steps === undefined
      ? ["epochs", warmup.epochs ?? 0, { count: budget.epochCount, unit: "epoch" }]
      : ["steps", warmup.steps, { count: budget.stepCount, unit: "step" }];
  return {
    code: "schedule-without-effect",
    path: at("warmup", key),
    message: `the warm-up takes ${formatCount(given)} ${key}, but the training has ${only(length)}: it never comes to an end`,
    fix: length.count > 1 ? `use at most ${length.count - 1}` : "remove `warmup`, or give it in `steps`",
  };
}

interface Left {
  readonly steps: number;
  readonly epochs: number;
  /** Whether a warm-up has taken something away. */
  readonly isRest: boolean;
}

function checkLength(schedule: LearningRateSchedule, left: Left): readonly (ExperimentIssue | undefined)[] {
  switch (schedule.type) {
    case "constant":
      return [];
    case "step":
      return [checkPeriod(schedule, left)];
    case "exponential":
      return [schedule.staircase ? checkPeriod(schedule, left) : checkChange(schedule.everyEpochs !== undefined, left)];
    case "multiStep":
      return checkMilestones(schedule, left);
    case "cosine":
      return [schedule.restarts ? checkRestarts(schedule.restarts, left) : checkChange(schedule.per === "epoch", left)];
    case "list":
      return [checkList(schedule.values, left)];
    case "reduceOnPlateau":
      return [checkPatience(schedule.patience, left)];
    default:
      return schedule satisfies never;
  }
}

function checkPeriod(
  { everyEpochs, everySteps }: { readonly everyEpochs?: number | undefined; readonly everySteps?: number | undefined },
  left: Left,
) {
  const length = lengthOf(left, everyEpochs === undefined ? "step" : "epoch");
  const period = everyEpochs ?? everySteps ?? 1;
  return period < length.count
    ? undefined
    : neverDrops(everyEpochs ? "everyEpochs" : "everySteps", period, length, left);
}

function neverDrops(key: string, after: number, length: Length, { isRest }: Left): ExperimentIssue {
  return {
    code: "schedule-without-effect",
    path: at(key),
    message: `the learning rate would first drop after ${formatCount(after)} ${plural(length.unit, after)}, but the training has ${only(length)}${behind(isRest)}: it never drops`,
    fix: length.count > 1 ? `use at most ${length.count - 1}, or \`type: constant\`` : "use `type: constant`",
  };
}

function checkMilestones(
  { epochs, steps }: Extract<LearningRateSchedule, { readonly type: "multiStep" }>,
  left: Left,
): readonly ExperimentIssue[] {
  const key = epochs === undefined ? "steps" : "epochs";
  const length = lengthOf(left, epochs === undefined ? "step" : "epoch");
  return (epochs ?? steps ?? []).flatMap((milestone, index) => {
    if (milestone < length.count) return [];
    return [
      {
        code: "schedule-without-effect",
        path: at(key, index),
        message: `the learning rate would drop after ${formatCount(milestone)} ${plural(length.unit, milestone)}, but the training has ${only(length)}${behind(left.isRest)}`,
        fix: length.count > 1 ? `remove it, or use at most ${length.count - 1}` : "use `type: constant`",
      },
    ];
  });
}

function checkRestarts(
  { firstEpochs, firstSteps }: { readonly firstEpochs?: number | undefined; readonly firstSteps?: number | undefined },
  left: Left,
): ExperimentIssue | undefined {
  const length = lengthOf(left, firstEpochs === undefined ? "step" : "epoch");
  const first = firstEpochs ?? firstSteps ?? 1;
  if (first < length.count) return undefined;
  return {
    code: "schedule-without-effect",
    path: at("restarts", firstEpochs === undefined ? "firstSteps" : "firstEpochs"),
    message: `the first cycle takes ${formatCount(first)} ${plural(length.unit, first)}, but the training has ${only(length)}${behind(left.isRest)}: it never restarts`,
    fix: length.count > 1 ? `use at most ${length.count - 1}, or remove \`restarts\`` : "remove `restarts`",
  };
}

/** A schedule that changes with every epoch or step needs two of them. */
function checkChange(isPerEpoch: boolean, left: Left): ExperimentIssue | undefined {
  const length = lengthOf(left, isPerEpoch ? "epoch" : "step");
  if (length.count > 1) return undefined;
  return {
    code: "schedule-without-effect",
    path: at(),
    message: `the learning rate changes with each ${length.unit}, but the training has ${only(length)}${behind(left.isRest)}: it never changes`,
    fix: isPerEpoch ? "let it change with each step, or use `type: constant`" : "use `type: constant`",
  };
}

function checkList(values: readonly number[], left: Left): ExperimentIssue | undefined {
  const length = lengthOf(left, "epoch");
  if (values.length <= length.count) return undefined;
  return {
    code: "schedule-too-long",
    path: at("values"),
    message: `got learning rates for ${formatCount(values.length)} epochs, but the training has ${only(length)}${behind(left.isRest)}`,
    fix: `give at most ${length.count}; the last one holds for all epochs after it`,
  };
}

/** The first epoch is always an improvement, and after the drop there must be an epoch to use it. */
function checkPatience(patience: number, left: Left): ExperimentIssue | undefined {
  const length = lengthOf(left, "epoch");
  if (patience + 1 < length.count) return undefined;
  return {
    ...neverDrops("patience", patience + 1, length, left),
    fix: length.count > 2 ? `use at most ${length.count - 2}, or \`type: constant\`` : "use `type: constant`",
  };
}

function checkMinimum(schedule: LearningRateSchedule, learningRate: number): ExperimentIssue | undefined {
  if (!("minimum" in schedule) || schedule.minimum < learningRate) return undefined;
  return {
    code: "schedule-without-effect",
    path: at("minimum"),
    message: `got ${schedule.minimum}, but the learning rate starts at ${learningRate} and falls from there`,
    fix: `use a number below ${learningRate}, or raise \`training.optimizer.learningRate\``,
  };
}

function at(...keys: readonly (string | number)[]) {
  return ["training", "learningRateSchedule", ...keys];
}

function lengthOf({ steps, epochs }: Left, unit: Length["unit"]): Length {
  return { unit, count: unit === "step" ? steps : epochs };
}

function only({ count, unit }: Length): string {
  return unit === "epoch" && count === 1 ? "only one" : `only ${formatCount(count)}`;
}

function plural(unit: Length["unit"], count: number): string {
  return count === 1 ? unit : `${unit}s`;
}

function behind(isRest: boolean): string {
  return isRest ? " after its warm-up" : "";
}
