import path from "node:path";
import { expect, test } from "vitest";
import { deterministicFilesOf } from "../cli/run-files.ts";
import { killUntilFinished, runUndisturbed } from "./killed-sweep.ts";
import { writeMnistSweep } from "./killed-mnist.ts";

// Which processes work on a store is read from /proc. The large version is kills.full.test.ts.
test.skipIf(process.platform !== "linux")(
  "a sweep over real MNIST gives the same bytes after 3 kills at random moments",
  async () => {
    const { folder, file } = writeMnistSweep({ examples: 1000, epochs: 2, seeds: 1 });
    const options = { folder, file, workers: 2, kills: 3, seed: 3, maxDelayMs: 3000 };
    const undisturbed = path.join(folder, "undisturbed");

    await runUndisturbed(options, undisturbed);
    const { kills, stores } = await killUntilFinished(options);

    expect(kills.worker + kills.orchestrator).toBe(3);
    const expected = deterministicFilesOf(undisturbed, "mnist-kills");
    expect(expected.size).toBe(2 * 6);
    for (const store of stores) expect(deterministicFilesOf(store, "mnist-kills")).toEqual(expected);
  },
);
