// Loaded before an engine: a WASM backend that does not show its memory where the pinned version does.
import "@tensorflow/tfjs-backend-wasm";
import { findBackendFactory, registerBackend, removeBackend } from "@tensorflow/tfjs-core";

const start = findBackendFactory("wasm");
removeBackend("wasm");
registerBackend("wasm", async () => {
  const backend = await start();
  backend.wasm.asm = { ...backend.wasm.asm, memory: undefined };
  return backend;
});
