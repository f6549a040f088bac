import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { EngineMemoryError } from "../../../../trainer/engine/engine-memory-error.ts";
import { installWasmKernels, type WasmKernels } from "../../../../trainer/engine/wasm/install-wasm-kernels.ts";
import { WasmHeap } from "../../../../trainer/engine/wasm/wasm-heap.ts";

let kernels: WasmKernels;
beforeAll(async () => {
  kernels = await installWasmKernels();
});

test("installing twice gives the same kernels", async () => {
  expect(await installWasmKernels()).toBe(kernels);
});

test("the backend is WASM with one thread", () => {
  expect(tf.getBackend()).toBe("wasm");
  expect(tf.env().getBool("WASM_HAS_MULTITHREAD_SUPPORT")).toBe(false);
});

test("installing leaves no handler of uncaught errors behind", () => {
  const handlers = process.listeners("uncaughtException").map(String);

  expect(handlers.filter((handler) => handler.includes("ExitStatus"))).toEqual([]);
});

test("another backend is refused with the version that is needed", () => {
  expect(() => new WasmHeap({})).toThrow(/need the private heap of @tensorflow\/tfjs-backend-wasm 4\.22\.0/);
});

test("scratch memory that the heap can't hold is an error", () => {
  const heap = new WasmHeap(tf.backend());

  expect(() => heap.reserveScratch(2 ** 32)).toThrow(
    /^the WASM heap \(4 GiB at most\) has no room for another 409\d MiB/,
  );
  expect(() => heap.reserveScratch(-1)).toThrow(EngineMemoryError);
  expect(heap.reserveScratch(100) % 64).toBe(0);
});

test("a tensor that the heap can't hold is an error, and what is in the heap is as it was", () => {
  const { memory } = new WasmHeap(tf.backend());
  const before = tf.memory().numTensors;
  const kept = tf.tensor([1, 2, 3]);
  // The memory really can't grow: what is asked for must come from what it has.
  Reflect.set(memory, "grow", () => {
    throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
  });

  expect(() => tf.tidy(() => tf.add(tf.zeros([2 ** 20, 64]), 1))).toThrow(EngineMemoryError);
  Reflect.deleteProperty(memory, "grow");

  expect(Array.from(kept.dataSync())).toEqual([1, 2, 3]);
  kept.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(
    tf.tidy(() =>
      tf
        .add(tf.zeros([2 ** 20, 16]), 1)
        .dataSync()
        .at(-1),
    ),
  ).toBe(1);
});
