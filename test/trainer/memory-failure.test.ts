import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { channelWorkerVariables, trainerVariables } from "../../src/contract/trainer-environment.ts";
import { openStore } from "../../src/record/open-store.ts";
import { describeError } from "../../trainer/describe-error.ts";
import { forkTrainer } from "./fork-trainer.ts";
import { createTinyRun, temporaryFolder } from "./tiny-run.ts";

const imports = [fileURLToPath(new URL("small-wasm-memory.mjs", import.meta.url))];

/** Two trials: one with 64 MiB of weights, and one that is small. */
async function startTrainer(variables: Readonly<Record<string, string>> = {}) {
  const store = temporaryFolder();
  const run = await createTinyRun(
    {
      model: "[flatten, {dense: {units: 250000}}, {dense: {units: 4, activation: softmax}}]",
      sweep: "{seeds: [7], grid: {'model.layers[1].dense.units': [250000, 3]}}",
    },
    openStore(store),
  );
  const environment = channelWorkerVariables({ store, planKey: run.planKey, dataRoot: run.dataRoot });
  return forkTrainer({ ...environment, ...variables }, { imports });
}

test("a trial that the engine's memory can't hold fails as memory, says what to do, and the next one runs", async () => {
  const trainer = await startTrainer();

  trainer.send({ type: "run", trialIndex: 0, attempt: 1 });
  trainer.send({ type: "run", trialIndex: 1, attempt: 1 });
  const { failure } = await trainer.waitFor("failed");
  await trainer.waitFor("finished");

  expect(failure).toMatchObject({
    kind: "memory",
    reason: expect.stringMatching(/^the WASM heap .* no room for another \d+ MiB\. Use a smaller training\.batchSize/),
  });
});

test("an array child leaves with the exit code for it", async () => {
  const trainer = await startTrainer({ [trainerVariables.dispatch]: "array", [trainerVariables.trialsPerJob]: "2" });

  const { code } = await trainer.exit;
  expect(trainer.stderr()).toContain("trial 0 failed (memory)");
  expect(code).toBe(exitCodes.outOfMemory);
});

test("a trap of the engine's code counts as memory only if its heap is full", () => {
  const trap = Object.assign(new Error("Aborted(native code called abort())"), { name: "RuntimeError" });

  expect(describeError(trap, 2 ** 32 - 2 ** 16)).toMatchObject({ kind: "memory" });
  expect(describeError(trap, 2 ** 30)).toMatchObject({ kind: "bug" });
});
