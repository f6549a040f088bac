import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { describeEngineContract } from "../../../contracts/engine-contract.ts";
import { lossCases, ruleCases } from "../../../contracts/training-cases.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";

describeNative("the native engine", () => {
  describeEngineContract("tensorflow, steps compiled", () => createTensorflowEngine({ files }), {
    stepMode: "compiled",
    // Layers: in compiled-layers.full.test.ts.
    cases: [...ruleCases, ...lossCases],
  });
});
