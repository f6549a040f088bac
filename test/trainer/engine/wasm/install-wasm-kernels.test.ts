import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
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

  expect(() => heap.reserveScratch(2 ** 32)).toThrow(/^The WASM heap \(4 GiB at most\) has no room for/);
  expect(() => heap.reserveScratch(-1)).toThrow(RangeError);
  expect(heap.reserveScratch(100) % 64).toBe(0);
});
