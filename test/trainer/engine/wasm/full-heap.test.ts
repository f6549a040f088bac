import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { EngineMemoryError } from "../../../../trainer/engine/engine-memory-error.ts";
import { installWasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";

const gibibyteFloats = 2 ** 28;

beforeAll(async () => {
  await installWasmKernels();
});

/** Takes all but a little of the heap's 4 GiB; pages that nobody writes to cost no memory. */
function fillHeap(): tf.Tensor[] {
  const filling: tf.Tensor[] = [];
  for (let floats = gibibyteFloats; floats >= 2 ** 18; floats /= 2) {
    try {
      for (;;) filling.push(tf.engine().runKernel<tf.Tensor>("Identity", { x: reserve(floats) }));
    } catch (error) {
      if (!(error instanceof EngineMemoryError)) throw error;
    }
  }
  return filling;
}

function reserve(floats: number): tf.Tensor {
  const backend = tf.backend() as unknown as {
    makeOutput(shape: number[], dtype: "float32"): tf.TensorInfo;
  };
  const { dataId } = backend.makeOutput([floats], "float32");
  return tf.engine().makeTensorFromDataId(dataId, [floats], "float32");
}

describe("a full WASM heap", () => {
  test("refuses a tensor of every kind and leaves what there is as it was", () => {
    const kept = tf.tensor([1, 2, 3]);
    const filling = fillHeap();

    expect(filling.length).toBeGreaterThan(3);
    expect(() => tf.tensor(new Float32Array(2 ** 20))).toThrow(/WASM heap \(4 GiB at most\) has no room/);
    expect(() => tf.add(tf.zeros([2 ** 20]), 1)).toThrow(/no room/);
    for (const tensor of filling) tensor.dispose();

    expect([...kept.dataSync()]).toEqual([1, 2, 3]);
    expect([...tf.square(tf.tensor([4, 5])).dataSync()]).toEqual([16, 25]);
  });
});
