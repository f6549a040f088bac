import { createWasmEngine } from "../../../trainer/engine/wasm-engine.ts";
import { describeEngineTrajectories } from "../../contracts/engine-trajectories.ts";

// Found when this was written: 6.7e-6 after one step of Adam, which is Keras' own rounding of 1 − beta2, and 1.15 of it after
// 20; all other rules at most 3.4e-7 after 20 steps.
describeEngineTrajectories("wasm", () => createWasmEngine(), { oneAdamStep: 8e-6, end: 1e-6, adamEndInRoundings: 1.5 });
