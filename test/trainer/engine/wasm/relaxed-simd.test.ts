import { setFlagsFromString } from "node:v8";
import { beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../../../trainer/engine/engine.ts";
import { selfTest } from "../../../../trainer/engine/self-test.ts";
import { createWasmEngine } from "../../../../trainer/engine/wasm-engine.ts";
import { describeEngineContract } from "../../../contracts/engine-contract.ts";
import { lossCases } from "../../../contracts/training-cases.ts";
import { expectOperation } from "./check-gradients.ts";
import { randomOperations } from "./random-operations.ts";
import { hasRelaxedSimd, relaxedSimdOption } from "./relaxed-simd.ts";

if (!hasRelaxedSimd) setFlagsFromString(relaxedSimdOption);
const open = () => createWasmEngine("relaxed-simd");

describe("with relaxed SIMD", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });

  test("the engine says so in its version, which checkpoints and comparisons go by", () => {
    expect(engine.version).toMatch(/^4\.22\.0\+relaxed-simd(\.unfused)?$/);
    expect(engine.details?.["kernels"]).toMatch(/^relaxed-simd/);
    expect(engine.notice).toBeUndefined();
  });

  test("the self-test passes", () => {
    expect(selfTest(engine).filter(({ isPassed }) => !isPassed)).toEqual([]);
  });

  test.each(Object.entries(randomOperations))("values and gradients are right for 15 random shapes of %s", (_, of) => {
    for (let seed = 1; seed <= 15; seed++) expectOperation(of(seed));
  });

  test("other kernels can't be had in the same process any more", async () => {
    await expect(createWasmEngine()).rejects.toThrow(
      "this process has the WASM kernels relaxed-simd, which can't be changed to simd any more",
    );
  });
});

describeEngineContract("wasm with relaxed SIMD", open, { cases: lossCases });
