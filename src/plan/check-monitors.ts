import type { ExperimentIssue } from "../spec/issue.ts";
import type { Monitor } from "../spec/schema/monitor.ts";
import type { Training } from "../spec/schema/training.ts";
import type { Budget } from "./estimate.ts";
import type { PlannedData } from "./plan.ts";
import { formatCount } from "./shape.ts";

/** What is wrong with whatever watches the figures of epochs: there must be such figures, and epochs enough. */
export function checkMonitors(training: Training, data: PlannedData, budget: Budget): readonly ExperimentIssue[] {
  const { keepBest, earlyStopping, learningRateSchedule: schedule } = training;
  const ofPlateau = schedule.type === "reduceOnPlateau" ? schedule.monitor : undefined;
  return [
    checkMonitor(keepBest, data, { at: ["keepBest"], code: "keep-best-without-validation", remove: "keepBest" }),
    checkMonitor(earlyStopping?.monitor, data, { at: ["earlyStopping"], remove: "earlyStopping" }),
    checkMonitor(ofPlateau, data, { at: ["learningRateSchedule"], remove: "learningRateSchedule" }),
    checkPatience(training, budget),
    checkKeepsBest(training),
  ].filter((issue) => issue !== undefined);
}

interface Watcher {
  readonly at: readonly string[];
  readonly code?: string;
  /** The field without which nothing is watched. */
  readonly remove: string;
}

function checkMonitor(
  monitor: Monitor | undefined,
  { spec }: PlannedData,
  { at, code = "monitor-without-validation", remove }: Watcher,
): ExperimentIssue | undefined {
  if (monitor === undefined || monitor.startsWith("train") || spec.validation) return undefined;
  return {
    code,
    path: ["training", ...at, ...(remove === "keepBest" ? [] : ["monitor"])],
    message: `got "${monitor}", but no examples are held out for validation`,
    fix: `add \`validation: {fraction: 0.1}\` under \`data\`, or remove \`${remove}\``,
  };
}

/** The first epoch is always an improvement; a stop after the last epoch would change nothing. */
function checkPatience({ earlyStopping }: Training, { epochCount }: Budget): ExperimentIssue | undefined {
  if (earlyStopping === undefined || earlyStopping.patience + 1 < epochCount) return undefined;
  const { patience } = earlyStopping;
  return {
    code: "early-stopping-without-effect",
    path: ["training", "earlyStopping", "patience"],
    message: `the training could first stop after ${formatCount(patience + 1)} epochs, but it has ${epochCount === 1 ? "only one" : `only ${formatCount(epochCount)}`}: it never stops early`,
    fix: epochCount > 2 ? `use at most ${epochCount - 2}` : "train for at least 3 epochs, or remove `earlyStopping`",
  };
}

function checkKeepsBest({ checkpoint, keepBest, earlyStopping }: Training): ExperimentIssue | undefined {
  if (checkpoint.keep !== "best" || keepBest !== undefined || earlyStopping !== undefined) return undefined;
  return {
    code: "checkpoint-without-effect",
    path: ["training", "checkpoint", "keep"],
    message: 'got "best", but nothing says by which figure an epoch is the best',
    fix: "add `keepBest: validationLoss` under `training`, or use `keep: last`",
  };
}
