import { createWasmEngine } from "../../../../trainer/engine/wasm-engine.ts";
import { describeEngineContract } from "../../../contracts/engine-contract.ts";
import { describeEngineGradients } from "../../../contracts/engine-gradients.ts";

describeEngineContract("wasm with stock kernels", () => createWasmEngine("stock"));
describeEngineGradients("wasm with stock kernels", () => createWasmEngine("stock"));
