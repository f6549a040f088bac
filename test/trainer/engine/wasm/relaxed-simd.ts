import { readFileSync } from "node:fs";

const kernels = readFileSync(new URL("../../../../trainer/engine/wasm/kernels-relaxed.wasm", import.meta.url));

/** The option behind which Node 20 has relaxed SIMD. */
export const relaxedSimdOption = "--experimental-wasm-relaxed-simd";

/** Whether this process can run kernels with relaxed SIMD as it was started. */
export const hasRelaxedSimd = WebAssembly.validate(kernels);
