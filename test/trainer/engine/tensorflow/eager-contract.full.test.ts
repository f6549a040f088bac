import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { describeEngineContract } from "../../../contracts/engine-contract.ts";
import { describeNative, nativeFiles as files } from "./native-addon.ts";

describeNative("the native engine without compiled steps", () => {
  const open = () => createTensorflowEngine({ files, compiles: false });
  describeEngineContract("tensorflow, steps eager", open, { stepMode: "eager: it was switched off" });
});
