import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { describeEngineContract } from "../../../contracts/engine-contract.ts";
import { layerCases } from "../../../contracts/training-cases.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";

describeNative("layers on the native engine", () => {
  const open = () => createTensorflowEngine({ files });
  describeEngineContract("tensorflow, steps compiled", open, { stepMode: "compiled", cases: layerCases });
});
