import { expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { channelWorkerVariables, trainerVariables } from "../../src/contract/trainer-environment.ts";
import { loadJson } from "../../src/record/json-object.ts";
import { openStore } from "../../src/record/open-store.ts";
import { environmentSchema } from "../../src/record/record-schemas.ts";
import { hasRelaxedSimd, relaxedSimdOption } from "./engine/wasm/relaxed-simd.ts";
import { forkTrainer } from "./fork-trainer.ts";
import { deterministicFiles } from "./run-trial.ts";
import { createTinyRun, temporaryFolder } from "./tiny-run.ts";

const kernelsName = trainerVariables.wasmKernels;

/** One trial by a trainer process with these kernels. */
async function train(kernels: string, nodeOptions: readonly string[] = []) {
  const store = temporaryFolder();
  const run = await createTinyRun({}, openStore(store));
  const variables = {
    ...channelWorkerVariables({ store, planKey: run.planKey, dataRoot: run.dataRoot }),
    [trainerVariables.dispatch]: "array",
    [kernelsName]: kernels,
  };
  const trainer = forkTrainer(variables, { nodeOptions });
  const { code } = await trainer.exit;
  const environment = await loadJson(run.store, `${run.trialKey(0)}/environment.json`, environmentSchema);
  return { code, stderr: trainer.stderr(), environment, files: await deterministicFiles(run) };
}

test("relaxed SIMD is taken when it is asked for, recorded, and the same every time", async () => {
  const nodeOptions = hasRelaxedSimd ? [] : [relaxedSimdOption];

  const [first, second] = await Promise.all([train("relaxed-simd", nodeOptions), train("relaxed-simd", nodeOptions)]);

  expect(first.code).toBe(exitCodes.done);
  expect(first.environment).toMatchObject({
    engineVersion: expect.stringMatching(/^4\.22\.0\+relaxed-simd/),
    engineDetails: { kernels: expect.stringMatching(/^relaxed-simd/) },
  });
  expect(second.files).toEqual(first.files);
});

test.skipIf(hasRelaxedSimd)("a Node without relaxed SIMD refuses it, and says what has it", async () => {
  const { code, stderr } = await train("relaxed-simd");

  expect(code).toBe(exitCodes.usage);
  expect(stderr).toContain(`${kernelsName} is "relaxed-simd", but relaxed SIMD can't be had: this Node`);
  expect(stderr).toContain("use Node 22 or newer");
});

test("stock kernels are taken when they are asked for, without a word", async () => {
  const { code, stderr, environment } = await train("stock");

  expect(code).toBe(exitCodes.done);
  expect(stderr).not.toContain("composed");
  expect(environment).toMatchObject({ engineVersion: "4.22.0+stock", engineDetails: { kernels: "stock" } });
});

test("other kernels are a wrong environment", async () => {
  const { code, stderr } = await train("magic");

  expect(code).toBe(exitCodes.usage);
  expect(stderr).toContain(`${kernelsName} is "magic", expected one of simd, relaxed-simd, stock`);
});
