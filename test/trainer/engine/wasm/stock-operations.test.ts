import { beforeAll, describe, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectOperation } from "./check-gradients.ts";
import { randomOperations } from "./random-operations.ts";

beforeAll(() => installWasmKernels("stock"));

describe("with stock kernels, values and gradients are right for 15 random shapes of", () => {
  test.each(Object.entries(randomOperations))("%s", (_, operationOf) => {
    for (let seed = 1; seed <= 15; seed++) expectOperation(operationOf(seed));
  });
});
