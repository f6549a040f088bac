import { beforeAll, describe, test } from "vitest";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { expectOperation } from "./check-gradients.ts";
import { randomOperations } from "./random-operations.ts";

beforeAll(() => installWasmKernels());

// About a minute on one core.
describe("values and gradients are right for 160 random shapes of", () => {
  test.each(Object.entries(randomOperations))(
    "%s",
    (_, operationOf) => {
      for (let seed = 1001; seed <= 1160; seed++) expectOperation(operationOf(seed));
    },
    300_000,
  );
});
