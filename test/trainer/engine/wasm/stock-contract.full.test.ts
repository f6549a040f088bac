import { createWasmEngine } from "../../../../trainer/engine/wasm-engine.ts";
import { describeEngineContract } from "../../../contracts/engine-contract.ts";
import { describeEngineGradients } from "../../../contracts/engine-gradients.ts";
import { describeEngineTrajectories } from "../../../contracts/engine-trajectories.ts";

describeEngineContract("wasm with stock kernels", () => createWasmEngine("stock"));
describeEngineGradients("wasm with stock kernels", () => createWasmEngine("stock"));
describeEngineTrajectories("wasm with stock kernels", () => createWasmEngine("stock"), {
  oneAdamStep: 8e-6,
  end: 1e-6,
  adamEndInRoundings: 1.5,
});
