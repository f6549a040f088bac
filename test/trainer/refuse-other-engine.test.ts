import { expect, test } from "vitest";
import type { Engine } from "../../trainer/engine/engine.ts";
import { createWasmEngine } from "../../trainer/engine/wasm-engine.ts";
import { attemptTrial } from "./run-trial.ts";
import { createTinyRun } from "./tiny-run.ts";

const others: readonly (readonly [string, Partial<Engine>, string])[] = [
  ["another engine", { name: "abacus" }, "go on with --engine abacus"],
  ["another version of the library", { version: "0.1.0" }, "go on with what it was computed with"],
  ["other kernels", { version: "4.22.0+stock" }, "go on with what it was computed with, NIGHTSWEEP_WASM_KERNELS=stock"],
  ["another number of threads", { threads: 3 }, "with 3 threads"],
];

test.each(others)("a trial does not go on from a checkpoint of %s", async (_what, change, hint) => {
  const run = await createTinyRun({ training: "{epochs: 2, batchSize: 9, checkpoint: {everySteps: 2}}" });
  const engine = await createWasmEngine();
  const other: Engine = { ...engine, ...change };
  const before = await attemptTrial(run, { engine: other, interruption: { after: 5, kind: "stop" } });

  const after = await attemptTrial(run, { engine, attempt: 2 });

  expect(before).toEqual({ type: "checkpointed" });
  expect(after).toMatchObject({ type: "failed", failure: { kind: "user" } });
  const { reason } = after.type === "failed" ? after.failure : { reason: "" };
  expect(reason).toContain("the checkpoint after step 6 was computed by");
  expect(reason).toContain(hint);
  expect(reason).toContain("or train anew with --no-cache");
});
