import { createWasmEngine } from "../../../trainer/engine/wasm-engine.ts";
import { describeEngineContract } from "../../contracts/engine-contract.ts";

describeEngineContract("wasm", () => createWasmEngine());
