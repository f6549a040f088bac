import "./other-internals.mjs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { channelWorkerVariables } from "../../../../src/contract/trainer-environment.ts";
import { loadJson } from "../../../../src/record/json-object.ts";
import { openStore } from "../../../../src/record/open-store.ts";
import { environmentSchema } from "../../../../src/record/record-schemas.ts";
import type { Engine } from "../../../../trainer/engine/engine.ts";
import { EngineMemoryError } from "../../../../trainer/engine/engine-memory-error.ts";
import { selfTest } from "../../../../trainer/engine/self-test.ts";
import { createWasmEngine } from "../../../../trainer/engine/wasm-engine.ts";
import { describeEngineContract } from "../../../contracts/engine-contract.ts";
import { lossCases } from "../../../contracts/training-cases.ts";
import { forkTrainer } from "../../fork-trainer.ts";
import { createTinyRun, temporaryFolder } from "../../tiny-run.ts";

const open = () => createWasmEngine();
const reason =
  "our WASM kernels need the private heap of @tensorflow/tfjs-backend-wasm 4.22.0, but this one does not show its memory " +
  "and its allocator; install exactly 4.22.0";

describe("where our own kernels can't work in the memory of TensorFlow.js", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });

  test("the engine goes on with stock kernels and says why", () => {
    expect(engine.version).toBe("4.22.0+stock");
    expect(engine.details).toEqual({ kernels: `stock: ${reason}` });
    expect(engine.notice).toBe(
      `the engine wasm goes on with kernels composed from those of TensorFlow.js, which take longer: ${reason}`,
    );
  });

  test("it gives the frozen figures of the self-test", () => {
    expect(selfTest(engine).filter(({ isPassed }) => !isPassed)).toEqual([]);
  });

  test("a convolution, and an average, do not hide NaN", () => {
    const values = tf.tidy(() => {
      const image = tf.tensor4d([Number.NaN, 1, 2, 3], [1, 2, 2, 1]);
      const filter = tf.tensor4d([Number.NaN], [1, 1, 1, 1]);
      const outputs = [tf.conv2d(image, filter, 1, "same"), tf.avgPool(image, 2, 2, "valid")];
      return outputs.map((output) => tf.relu(output).dataSync()[0]);
    });

    expect(values).toEqual([Number.NaN, Number.NaN]);
  });

  test("a full heap is still an error", () => {
    const tooLarge = () => tf.tidy(() => tf.add(tf.zeros([2 ** 20, 2 ** 10]), 1));

    expect(tooLarge).toThrow(EngineMemoryError);
    expect(tf.tidy(() => tf.square(tf.tensor([4])).dataSync()[0])).toBe(16);
  });
});

// All cases are in stock-contract.full.test.ts.
describeEngineContract("wasm with a backend of other internals", open, { cases: lossCases });

test("a trainer says it once on stderr, and the record names it", async () => {
  const store = temporaryFolder();
  const run = await createTinyRun({ sweep: "{seeds: [1, 2]}" }, openStore(store));
  const imports = [fileURLToPath(new URL("other-internals.mjs", import.meta.url))];
  const trainer = forkTrainer(channelWorkerVariables({ store, planKey: run.planKey, dataRoot: run.dataRoot }), {
    imports,
  });

  for (const trialIndex of [0, 1]) trainer.send({ type: "run", trialIndex, attempt: 1 });
  trainer.send({ type: "evaluate", trialKey: run.trialKey(1) });
  await trainer.waitFor("evaluated");
  trainer.process.disconnect();
  await trainer.exit;

  const environment = await loadJson(run.store, `${run.trialKey(1)}/environment.json`, environmentSchema);
  expect(environment).toMatchObject({
    engine: "wasm",
    engineVersion: "4.22.0+stock",
    engineDetails: { kernels: `stock: ${reason}` },
  });
  expect(trainer.stderr().split(reason)).toHaveLength(2);
});
