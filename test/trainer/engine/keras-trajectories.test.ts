import { createWasmEngine } from "../../../trainer/engine/wasm-engine.ts";
import { describeEngineTrajectories } from "../../contracts/engine-trajectories.ts";

// Found when this was written: at most 4e-7, AdamW 1e-5. Keras takes Adam's 1 − beta2^t in float32, where its first steps
// lose up to 5e-5 of it; here it is float64.
describeEngineTrajectories("wasm", createWasmEngine, ({ optimizer }) => (optimizer === "adamw" ? 5e-5 : 4e-6));
