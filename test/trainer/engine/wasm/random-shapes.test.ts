import { beforeAll, describe, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectOperation } from "./check-gradients.ts";
import { randomOperations } from "./random-operations.ts";

beforeAll(() => installWasmKernels());

// 1,600 shapes are in random-shapes.full.test.ts.
describe("values and gradients are right for 12 random shapes of", () => {
  test.each(Object.entries(randomOperations))("%s", (_, operationOf) => {
    for (let seed = 1; seed <= 12; seed++) expectOperation(operationOf(seed));
  });
});
