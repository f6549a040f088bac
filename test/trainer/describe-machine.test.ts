import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { loadJson } from "../../src/record/json-object.ts";
import { environmentSchema } from "../../src/record/record-schemas.ts";
import { describeGpus, describeMachine } from "../../trainer/describe-machine.ts";
import { attemptTrial } from "./run-trial.ts";
import { createTinyRun, temporaryFolder } from "./tiny-run.ts";

describe("the machine of a trial", () => {
  test("has the GPUs and the driver that NVIDIA's driver tells of", () => {
    const folder = temporaryFolder();
    for (const [address, model] of Object.entries({ "0000:00:1e.0": "Tesla T4", "0000:00:1f.0": "NVIDIA A10G" })) {
      mkdirSync(path.join(folder, "gpus", address), { recursive: true });
      writeFileSync(path.join(folder, "gpus", address, "information"), `Model: \t\t ${model}\nIRQ:   \t\t 10\n`);
    }
    const version =
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.127.05  Tue Oct  8 03:22:07 UTC 2024\nGCC version: 11.4.0\n";
    writeFileSync(path.join(folder, "version"), version);

    expect(describeGpus(folder)).toEqual({ gpus: ["Tesla T4", "NVIDIA A10G"], gpuDriver: "550.127.05" });
    expect(describeGpus(path.join(folder, "nothing"))).toEqual({});
  });

  test("stands in the record, with every attempt if there were several", async () => {
    const run = await createTinyRun({ sweep: "{seeds: [1, 2]}", training: "{epochs: 2, batchSize: 8}" });
    await attemptTrial(run, { interruption: { kind: "stop", after: 3 }, attempt: 1 });
    await attemptTrial(run, { attempt: 2 });
    await attemptTrial(run, { trialIndex: 1 });

    const [resumed, undisturbed] = await Promise.all(
      [0, 1].map((index) => loadJson(run.store, `${run.trialKey(index)}/environment.json`, environmentSchema)),
    );

    expect(resumed?.machine).toEqual(describeMachine());
    expect(resumed?.attempts?.map(({ attempt, fromStep }) => [attempt, fromStep])).toEqual([
      [1, 0],
      [2, expect.any(Number)],
    ]);
    expect(resumed?.attempts?.at(-1)?.fromStep).toBeGreaterThan(0);
    expect(undisturbed?.attempts).toBeUndefined();
  });
});
