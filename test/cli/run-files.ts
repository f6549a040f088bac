import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Files of a trial's record that must not depend on what happened on the way. */
const deterministicFiles = [
  "metrics.jsonl",
  "result.json",
  "confusion.json",
  "predictions.csv",
  "model/model.json",
  "model/weights.bin",
];

/**
 * Deterministic files of all trials of the only run of an experiment in a store, base64 by `<trial>/<file>`.
 * @throws Error if the experiment has no run, or several
 */
export function deterministicFilesOf(store: string, experiment: string): Map<string, string> {
  const runs = path.join(store, "experiments", experiment, "runs");
  const [runId, ...others] = readdirSync(runs);
  if (runId === undefined || others.length > 0)
    throw new Error(`${runs} holds ${others.length + 1} runs, expected one`);
  const trials = path.join(runs, runId, "trials");
  return new Map(
    readdirSync(trials).flatMap((trial) =>
      deterministicFiles.map((name) => [
        `${trial}/${name}`,
        readFileSync(path.join(trials, trial, name)).toString("base64"),
      ]),
    ),
  );
}
