import { createWasmEngine } from "../../../trainer/engine/wasm-engine.ts";
import { describeEngineGradients } from "../../contracts/engine-gradients.ts";

describeEngineGradients("wasm", createWasmEngine);
