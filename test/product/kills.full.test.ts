import path from "node:path";
import { expect, test } from "vitest";
import { deterministicFilesOf } from "../cli/run-files.ts";
import { killUntilFinished, runUndisturbed } from "./killed-sweep.ts";
import { writeMnistSweep } from "./killed-mnist.ts";

test.skipIf(process.platform !== "linux")(
  "a sweep over real MNIST gives the same bytes after kill -9 at 50 random moments",
  async () => {
    const { folder, file } = writeMnistSweep({ examples: 10_000, epochs: 4, seeds: 5 });
    const options = { folder, file, workers: 2, kills: 50, seed: 6, maxDelayMs: 6000 };
    const undisturbed = path.join(folder, "undisturbed");

    const neededSeconds = await runUndisturbed(options, undisturbed);
    const report = await killUntilFinished(options);

    const expected = deterministicFilesOf(undisturbed, "mnist-kills");
    expect(expected.size).toBe(10 * 6);
    for (const store of report.stores) expect(deterministicFilesOf(store, "mnist-kills")).toEqual(expected);
    expect(report.kills.worker + report.kills.orchestrator).toBe(50);
    const { kills, starts, stores, trainerSeconds, trainerCount } = report;
    // 8,000 examples in batches of 64, 4 epochs, 10 trials. A killed trainer loses less than what
    // it does between two checkpoints; trainers that ended by themselves are counted as well.
    const neededSteps = 500 * 10 * stores.length;
    const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;
    process.stderr.write(
      `${kills.worker} workers and ${kills.orchestrator} orchestrators killed; ${starts} commands and ${trainerCount} trainers ` +
        `started for ${stores.length} × 10 trials. Training done again: at most ${trainerCount} × 5 of ${neededSteps} steps, ` +
        `${percent((trainerCount * 5) / neededSteps)}. Trainers' processor time, starts included: ` +
        `${trainerSeconds.toFixed(1)} s instead of ${stores.length} × ${neededSeconds.toFixed(1)} s, ` +
        `${percent(trainerSeconds / (neededSeconds * stores.length) - 1)} more\n`,
    );
  },
  1_800_000,
);
